use proc_macro2::TokenStream;

use crate::expansion::{Attribute, expand};

fn expansion_of(attribute: Attribute, arguments: &str, item: &str) -> String {
    let tokens = |text: &str| text.parse::<TokenStream>().unwrap();
    expand(attribute, tokens(arguments), tokens(item)).to_string()
}

#[track_caller]
fn assert_expands(attribute: Attribute, arguments: &str, item: &str, parts: &[&str]) {
    let expansion = expansion_of(attribute, arguments, item);
    assert!(!expansion.contains("compile_error"), "{expansion}");
    for part in parts {
        // Both sides are printed by the same printer, so that spaces do not matter.
        let part = part.parse::<TokenStream>().unwrap().to_string();
        assert!(expansion.contains(&part), "no {part:?} in {expansion:?}");
    }
}

/// The first thing in the expansion is the error, and a function is there too.
#[track_caller]
fn assert_misuse(attribute: Attribute, arguments: &str, item: &str, message: &str) {
    let expansion = expansion_of(attribute, arguments, item);
    let begin = format!(":: core :: compile_error ! {{ {message:?} }}");
    assert!(expansion.starts_with(&begin), "{expansion:?} does not start with {begin:?}");
    assert!(expansion.contains("fn "), "{expansion:?}");
}

#[test]
fn main_keeps_attributes_visibility_and_output_and_runs_the_function() {
    assert_expands(
        Attribute::Main,
        "",
        "#[allow(dead_code)] pub(crate) async fn main() -> Result<(), E> { go().await }",
        &[
            "#[allow(dead_code)] pub(crate) fn main() -> Result<(), E>",
            "async fn main() -> Result<(), E> { go().await }",
            "::polyloop::__macros::run(::polyloop::Runner::builder(), main)",
        ],
    );
}

#[test]
fn arguments_reach_the_builder() {
    assert_expands(
        Attribute::Main,
        "backend = \"io-uring\", config = small(1, 2),",
        "async fn main() {}",
        &["Runner::builder().backend(::polyloop::Backend::IoUring).config(small(1, 2))"],
    );
    assert_expands(
        Attribute::Main,
        "backend = mine()",
        "async fn main() {}",
        &[".backend(mine())"],
    );
}

#[test]
fn test_is_a_test_of_the_standard_harness_that_gives_nothing() {
    assert_expands(
        Attribute::Test,
        "backend = \"mio\", timeout = \"10s\", config = c",
        "#[should_panic(expected = \"no\")] async fn fails() -> Result<(), E> { Ok(()) }",
        &[
            "#[::core::prelude::v1::test] #[should_panic(expected = \"no\")] fn fails()",
            "async fn fails() -> Result<(), E> { Ok(()) }",
            "TestPlan::new(\"fails\").pin(::polyloop::Backend::Mio).config(c)",
            ".timeout_ns(10000000000).should_panic(\"no\").run(fails)",
        ],
    );
    let panics = "#[should_panic] async fn fails() {}";
    assert_expands(Attribute::Test, "", panics, &[".should_panic(\"\").run(fails)"]);
}

#[test]
fn a_function_of_another_shape_is_a_misuse() {
    for (item, message) in [
        ("fn main() {}", "write `async fn main`: #[polyloop::main] runs an async function"),
        (
            "async fn main(port: u16) {}",
            "#[polyloop::main] gives no arguments: write `async fn main()`",
        ),
        ("async fn main<T>() {}", "#[polyloop::main] takes no generic function"),
        ("async fn main() where u8: Copy {}", "#[polyloop::main] takes no `where` clause"),
        (
            "pub async unsafe fn main() {}",
            "#[polyloop::main] takes `async fn` without other qualifiers",
        ),
        ("pub const fn main() {}", "#[polyloop::main] takes `async fn` without other qualifiers"),
        ("async fn main();", "#[polyloop::main] needs a function with a body"),
        ("struct Main { call: fn () }", "#[polyloop::main] belongs on an async function"),
    ] {
        assert_misuse(Attribute::Main, "", item, message);
    }
    let item = "mod m { async fn lost() {} }";
    assert_misuse(Attribute::Test, "", item, "#[polyloop::test] belongs on an async function");
}

#[test]
fn a_misused_async_main_leaves_a_main_that_compiles() {
    let expansion = expansion_of(Attribute::Main, "", "async fn main(x: u8) {}");
    assert!(expansion.ends_with("fn main () { }"), "{expansion}");
}

#[test]
fn unknown_arguments_are_told_the_known_ones() {
    for (attribute, arguments, message) in [
        (Attribute::Main, "threads = 4", "unknown argument `threads`; known are backend, config"),
        (
            Attribute::Test,
            "threads = 4",
            "unknown argument `threads`; known are backend, config, timeout",
        ),
        (Attribute::Main, "\"mio\"", "unknown argument `\"mio\"`; known are backend, config"),
        (Attribute::Main, "backend", "`backend` needs a value: `backend = ...`"),
        (Attribute::Main, "config = , backend = a", "`config` needs a value: `config = ...`"),
        (Attribute::Main, "backend = a, backend = b", "`backend` is given twice"),
    ] {
        assert_misuse(attribute, arguments, "async fn main() {}", message);
    }
}

#[test]
fn an_unknown_backend_is_told_the_known_ones() {
    let message = "unknown backend \"epoll\"; known are \"auto\", \"io-uring\", \"mio\", \
                   \"polling\", or an expression of type Backend";
    assert_misuse(Attribute::Main, "backend = \"epoll\"", "async fn main() {}", message);
    assert_misuse(Attribute::Test, "backend = \"epoll\"", "async fn tests() {}", message);
}

#[test]
fn a_timeout_that_is_none_says_what_is_one() {
    let expansion = expansion_of(Attribute::Test, "timeout = \"soon\"", "async fn tests() {}");
    assert!(expansion.contains("a timeout is a number of seconds"), "{expansion}");
    let expansion = expansion_of(Attribute::Test, "timeout = -1", "async fn tests() {}");
    assert!(expansion.contains("a timeout is a number of seconds"), "{expansion}");
}

#[test]
fn a_second_test_attribute_is_a_misuse() {
    let message = "remove #[test]: #[polyloop::test] makes the function a test";
    assert_misuse(Attribute::Test, "", "#[test] async fn tests() {}", message);
}

#[test]
fn a_visibility_that_a_macro_passes_on_is_kept() {
    use proc_macro2::{Delimiter, Group, TokenTree};
    let public: TokenStream = "pub".parse().unwrap();
    let visibility = TokenTree::from(Group::new(Delimiter::None, public));
    let rest: TokenStream = "async fn main() {}".parse().unwrap();
    let item = std::iter::once(visibility).chain(rest).collect();
    let expansion = expand(Attribute::Main, TokenStream::new(), item).to_string();
    assert!(expansion.trim_start().starts_with("pub fn main"), "{expansion}");
}
