//! The example `guest`, on every backend that can be one.

use polyloop_examples::available_backends;

use crate::process::{output_of, text};

#[test]
fn a_guest_loses_nothing_and_does_not_spin() {
    for backend in available_backends() {
        let output = output_of("guest", &["--backend", backend.name(), "--self-test"]);
        println!("{}", text(&output));
        assert!(output.status.success(), "{backend}: {}", text(&output));
    }
}
