use super::*;

#[test]
fn the_reason_is_what_a_panic_says_and_not_where() {
    let said =
        ["", "thread 'main' (7) panicked at /some/where/raw.rs:270:13:", "it is broken", "left: 1"];
    assert_eq!(reason_in(&said.map(str::to_owned)), "it is broken");
    assert_eq!(
        reason_in(&["polyloop-compare: no such file".to_owned()]),
        "polyloop-compare: no such file"
    );
    assert_eq!(reason_in(&[]), "it gave no reason");
}
