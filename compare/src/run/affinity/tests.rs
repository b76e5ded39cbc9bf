use super::*;

#[test]
fn the_kernels_lists_are_read() {
    assert_eq!(numbers_in("0"), [0]);
    assert_eq!(numbers_in("0,4"), [0, 4]);
    assert_eq!(numbers_in("0-1,8-9"), [0, 1, 8, 9]);
    assert!(numbers_in("").is_empty());
}

#[test]
fn server_and_load_are_apart_where_that_is_possible() {
    let allowed = sched_getaffinity(None).unwrap().count();
    let pair = pair().unwrap();
    assert_eq!(pair.server == pair.load, allowed == 1);
}
