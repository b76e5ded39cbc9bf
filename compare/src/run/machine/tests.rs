use super::*;

#[test]
fn days_become_dates() {
    assert_eq!(civil(0), (1970, 1, 1));
    assert_eq!(civil(58), (1970, 2, 28));
    assert_eq!(civil(59), (1970, 3, 1));
    assert_eq!(civil(11_016), (2000, 2, 29));
    assert_eq!(civil(20_778), (2026, 11, 21));
}

#[test]
fn what_a_kernels_builder_called_it_is_left_out() {
    assert_eq!(version_of(c"6.18.44-some-place"), "6.18.44");
    assert_eq!(version_of(c"6.1.0"), "6.1.0");
    assert_eq!(version_of(c"6.12.+"), "6.12");
}

#[test]
fn the_machine_has_a_name_and_cores() {
    let machine = facts();
    assert!(machine.cores > 0 && !machine.cpu.is_empty() && machine.memory_mib > 0);
}

#[test]
fn a_busy_machine_is_told() {
    assert_eq!(busy_by(0.3), None);
    assert!(busy_by(21.37).is_some_and(|told| told.contains("load 21.4")));
}
