use super::{code_only, has_word};

#[track_caller]
fn assert_code(source: &str, expected: &str) {
    let code = code_only(source);
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words.join(" "), expected);
}

#[test]
fn comments_are_blanked() {
    assert_code("a // unsafe", "a");
    assert_code("a /* unsafe /* nested */ still */ b", "a b");
    assert_code("a /* never closed", "a");
    assert_code("/// `unsafe` in docs\nfn f() {}", "fn f() {}");
}

#[test]
fn strings_are_blanked() {
    assert_code(r#"f("unsafe \" // still") + g"#, "f( ) + g");
    assert_code(r##"f(r#"unsafe " quote"#) + g"##, "f( ) + g");
    assert_code(r#"f(b"unsafe", br"unsafe\", c"unsafe")"#, "f(b , , c )");
    assert_code("f(\"never closed", "f(");
}

#[test]
fn characters_are_told_from_lifetimes() {
    assert_code("f('\"', '\\'', 'é', b'x') + g", "f( , , , b ) + g");
    assert_code("fn f<'a>(x: &'a str) -> &'static str", "fn f<'a>(x: &'a str) -> &'static str");
}

#[test]
fn raw_words_are_not_strings() {
    assert_code("r#unsafe + var\"x\" + r", "r#unsafe + var + r");
}

#[test]
fn lines_keep_their_numbers() {
    let source = "a\n/* b\nc */\n\"d\ne\"\nf";
    assert_eq!(code_only(source).lines().count(), source.lines().count());
    assert_eq!(code_only(source).lines().last(), Some("f"));
}

#[test]
fn word_is_found_only_whole() {
    assert!(has_word("unsafe { f() }", "unsafe"));
    assert!(has_word("#[unsafe(no_mangle)]", "unsafe"));
    assert!(!has_word("#![forbid(unsafe_code)]", "unsafe"));
}
