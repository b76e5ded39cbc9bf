//! The example `tour`, which checks its lessons itself.

use crate::process::{output_of, text};

#[test]
fn every_lesson_is_right_on_every_backend() {
    let output = output_of("tour", &[]);
    println!("{}", text(&output));
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn a_file_that_does_not_exist_is_named() {
    let output = output_of("tour", &["no-such-file"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file"), "{}", text(&output));
}
