//! The example `dns_lookup`, as its users see it.

use polyloop_examples::available_backends;

use crate::process::{output_of, text};

#[test]
fn it_finds_this_machine_on_every_backend() {
    for backend in available_backends() {
        let output = output_of("dns_lookup", &["--self-test", "--backend", &backend.to_string()]);
        assert!(output.status.success(), "{}", text(&output));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(&format!("backend {backend}")), "{said}");
    }
}

#[test]
fn hosts_are_looked_up_and_told_in_their_order() {
    let output = output_of("dns_lookup", &["localhost", "127.0.0.1"]);
    assert!(output.status.success(), "{}", text(&output));
    let said = String::from_utf8_lossy(&output.stdout);
    let hosts: Vec<_> = said.lines().filter_map(|line| Some(line.split_once('\t')?.0)).collect();
    assert!(hosts.is_sorted_by_key(|host| *host == "127.0.0.1"), "{said}");
    assert!(said.contains("localhost\t127.0.0.1") || said.contains("localhost\t::1"), "{said}");
    assert!(said.contains("2 of 2 found"), "{said}");
}

#[test]
fn a_host_that_is_not_there_is_named_and_does_not_keep_the_others() {
    // A label of a name has at most 63 letters, so no name server is asked.
    let missing = "a".repeat(64);
    let output = output_of("dns_lookup", &[&missing, "localhost"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains(&missing), "{complaint}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("localhost\t") && said.contains("1 of 2 found"), "{said}");
}
