use super::{LINES_MAX, findings_with};
use crate::workspace::TextFile;

fn judge(path: &str, text: &str, unsafe_files: &[&str]) -> Vec<String> {
    findings_with(&[TextFile { path: path.to_owned(), text: text.to_owned() }], unsafe_files)
}

#[track_caller]
fn assert_tidy(path: &str, text: &str) {
    assert_eq!(judge(path, text, &[]), Vec::<String>::new());
}

#[track_caller]
fn assert_found(found: &[String], expected: &str) {
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(expected), "{}", found[0]);
}

#[test]
fn long_rust_file_is_found() {
    let longest = "a;\n".repeat(LINES_MAX);
    assert_tidy("crates/a/src/b.rs", &longest);
    assert_tidy("docs/long.md", &"a\n".repeat(LINES_MAX + 1));
    assert_found(&judge("crates/a/src/b.rs", &format!("{longest}a;\n"), &[]), "401 lines");
    assert_found(&judge("a/c/b.c", &format!("{longest}a;\n"), &[]), "401 lines");
}

#[test]
fn unsafe_code_is_found_outside_the_list() {
    let text = "fn f() {\n    unsafe { g() }\n    unsafe { g() }\n}\n";
    assert_found(&judge("crates/a/src/b.rs", text, &[]), "crates/a/src/b.rs:2: unsafe");
    assert_eq!(judge("crates/a/src/b.rs", text, &["crates/a/src/b.rs"]), Vec::<String>::new());
    assert_tidy("crates/a/src/b.rs", "// unsafe in a comment\nlet text = \"unsafe\";\n");
}

#[test]
fn list_entry_without_unsafe_code_is_found() {
    let listed = ["crates/a/src/b.rs"];
    assert_found(&judge("crates/a/src/b.rs", "fn f() {}\n", &listed), "holds no unsafe code");
    assert_found(&judge("crates/a/src/c.rs", "fn f() {}\n", &listed), "does not exist");
}

#[test]
fn crate_root_without_unsafe_code_must_forbid_it() {
    assert_found(&judge("crates/a/src/lib.rs", "mod b;\n", &[]), "#![forbid(unsafe_code)]");
    assert_tidy("crates/a/src/lib.rs", "#![forbid(unsafe_code)]\nmod b;\n");
    assert_found(&judge("crates/a/src/main.rs", "// #![forbid(unsafe_code)]\n", &[]), "forbid");

    let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
    let files =
        [file("crates/a/src/lib.rs", "mod b;\n"), file("crates/a/src/b.rs", "unsafe fn f() {}\n")];
    assert_eq!(findings_with(&files, &["crates/a/src/b.rs"]), Vec::<String>::new());
}

#[test]
fn unfinished_and_ignored_code_is_found() {
    assert_found(&judge("crates/a/src/b.rs", "fn f() { todo!() }\n", &[]), "b.rs:1: `todo!`");
    assert_found(&judge("crates/a/src/b.rs", "unimplemented!(\"x\")\n", &[]), "unimplemented!");
    assert_found(&judge("crates/a/src/b.rs", "#[ignore = \"slow\"]\n", &[]), "#[ignore");
    assert_tidy("crates/a/src/b.rs", "// todo!\n");
}

#[test]
fn core_asking_for_the_system_is_found() {
    let text = "#[cfg(any(unix, target_os = \"wasi\"))]\nmod a;\n";
    assert_found(&judge("crates/polyloop-core/src/b.rs", text, &[]), "b.rs:1: the core");
    assert_tidy("crates/polyloop-os/src/b.rs", text);
}

#[test]
fn words_of_one_machine_are_found() {
    for word in super::MACHINE_WORDS {
        assert_found(&judge("docs/a.md", &format!("see `{word}x`\n"), &[]), "docs/a.md:1: names");
    }
    assert_tidy("docs/a.md", &format!("relative{}x\n", super::MACHINE_WORDS[0]));
}

#[test]
fn public_futures_without_cancel_safety_are_found() {
    let documented = "/// Waits.\n///\n/// # Cancel safety\n///\n/// Nothing is lost.\n";
    let found = |item: &str| judge("crates/a/src/b.rs", item, &[]);
    for item in [
        "pub async fn f() {}\n",
        "#[track_caller]\npub fn f(\n    a: u32,\n) -> impl Future<Output = u32> {\n}\n",
        "#[must_use = \"wait\"]\npub struct F<T>(T);\n\nimpl<T> Future for F<T> {\n}\n",
    ] {
        assert_found(&found(item), "a public future without `# Cancel safety`");
        assert_found(&found(&format!("{documented}\nstruct G;\n\n{item}")), "# Cancel safety");
        assert_tidy("crates/a/src/b.rs", &format!("{documented}{item}"));
        assert_tidy("crates/a/tests/b.rs", item);
    }
    assert_tidy("crates/a/src/b.rs", "pub struct F;\npub fn f() -> F {\n}\nasync fn g() {}\n");
    assert_tidy("crates/a/src/b.rs", "pub struct F;\nimpl<T> Future for Foo<T> {\n}\n");
}
