use super::findings;
use crate::workspace;

/// Judges a workspace in which `name` has one dependency, as cargo would describe it.
fn judge(name: &str, dependency: &str, kind: &str) -> Vec<String> {
    let kind = if kind == "normal" { "null".to_owned() } else { format!("\"{kind}\"") };
    let json = format!(
        r#"{{"packages": [{{"name": "{name}", "dependencies": [
            {{"name": "{dependency}", "kind": {kind}, "rename": "alias"}}
        ]}}]}}"#
    );
    findings(&workspace::packages_from_metadata(&json).unwrap())
}

#[track_caller]
fn assert_allowed(name: &str, dependency: &str, kind: &str) {
    assert_eq!(judge(name, dependency, kind), Vec::<String>::new());
}

#[track_caller]
fn assert_forbidden(name: &str, dependency: &str, kind: &str) {
    let found = judge(name, dependency, kind);
    assert_eq!(found.len(), 1, "{name} -> {dependency} ({kind}) was let through");
    assert!(found[0].starts_with(&format!("{name} -> {dependency} (")), "{}", found[0]);
}

#[test]
fn arrows_of_the_design_are_allowed() {
    assert_allowed("polyloop-readiness", "polyloop-core", "normal");
    assert_allowed("polyloop-readiness", "polyloop-os", "normal");
    assert_allowed("polyloop-uring", "polyloop-os", "normal");
    assert_allowed("polyloop-mio", "polyloop-readiness", "normal");
    assert_allowed("polyloop", "polyloop-uring", "normal");
    assert_allowed("polyloop", "polyloop-macros", "normal");
    assert_allowed("polyloop-benches", "polyloop", "normal");
    assert_allowed("polyloop-examples", "polyloop-conformance", "normal");
}

#[test]
fn arrows_against_the_design_are_named() {
    assert_forbidden("polyloop-core", "polyloop-os", "normal");
    assert_forbidden("polyloop-os", "polyloop-readiness", "normal");
    assert_forbidden("polyloop-readiness", "polyloop-mio", "normal");
    assert_forbidden("polyloop-uring", "polyloop-readiness", "normal");
    assert_forbidden("polyloop-mio", "polyloop", "normal");
    assert_forbidden("polyloop-macros", "polyloop", "dev");
    assert_forbidden("polyloop-conformance", "polyloop-mio", "dev");
    assert_forbidden("polyloop-benches", "polyloop-mio", "normal");
    assert_forbidden("polyloop", "xtask", "dev");
}

#[test]
fn backends_never_name_each_other() {
    assert_forbidden("polyloop-mio", "polyloop-polling", "dev");
    assert_forbidden("polyloop-polling", "polyloop-uring", "normal");
    assert_forbidden("polyloop-uring", "polyloop-sim", "normal");
}

#[test]
fn conformance_is_only_a_dev_dependency_of_what_it_tests() {
    for name in ["polyloop-mio", "polyloop-polling", "polyloop-uring", "polyloop-sim", "polyloop"] {
        assert_allowed(name, "polyloop-conformance", "dev");
        assert_forbidden(name, "polyloop-conformance", "normal");
    }
    assert_forbidden("polyloop-core", "polyloop-conformance", "dev");
    assert_forbidden("polyloop-readiness", "polyloop-conformance", "dev");
}

#[test]
fn normal_arrow_may_be_a_dev_arrow_but_never_a_build_arrow() {
    assert_allowed("polyloop-mio", "polyloop-core", "dev");
    assert_forbidden("polyloop-mio", "polyloop-core", "build");
}

#[test]
fn crate_may_name_itself_and_outside_libraries() {
    assert_allowed("polyloop", "polyloop", "dev");
    assert_allowed("polyloop", "memchr", "normal");
    assert_allowed("polyloop-core", "loom", "dev");
}

#[test]
fn event_library_is_named_only_at_home() {
    assert_allowed("polyloop-mio", "mio", "normal");
    assert_allowed("polyloop-polling", "polling", "normal");
    assert_allowed("polyloop-uring", "io-uring", "normal");
    assert_allowed("polyloop-benches", "tokio", "normal");
    assert_allowed("polyloop-compare", "mio", "normal");
    assert_forbidden("polyloop-compare", "polyloop-mio", "normal");
    assert_forbidden("polyloop", "mio", "dev");
    assert_forbidden("polyloop-readiness", "polling", "build");
    assert_forbidden("polyloop-conformance", "io-uring", "normal");
    assert_forbidden("polyloop", "tokio", "dev");
}

#[test]
fn unknown_member_is_told_where_it_belongs() {
    let found = judge("polyloop-tower", "serde_json", "normal");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("polyloop-tower: unknown member"));
    assert!(found[0].contains("crates/xtask/src/arrows.rs"));
}

#[test]
fn arrow_to_an_unknown_member_is_named_too() {
    let json = r#"{"packages": [
        {"name": "polyloop-tower", "dependencies": []},
        {"name": "polyloop-core", "dependencies": [{"name": "polyloop-tower", "kind": "dev"}]}
    ]}"#;
    let found = findings(&workspace::packages_from_metadata(json).unwrap());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1].starts_with("polyloop-core -> polyloop-tower (dev-dependency)"));
}

#[test]
fn this_workspace_has_no_forbidden_arrow() {
    let packages = workspace::packages(&workspace::root()).unwrap();
    assert!(packages.iter().any(|package| package.name == "xtask"), "cargo listed no members");
    assert_eq!(findings(&packages), Vec::<String>::new());
}
