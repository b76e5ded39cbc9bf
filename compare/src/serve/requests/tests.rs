use super::*;
use crate::work::REQUEST;

#[test]
fn a_request_is_counted_however_it_is_cut() {
    for cut in 0..=REQUEST.len() {
        let mut requests = Requests::default();
        let (first, second) = REQUEST.split_at(cut);
        let counted = requests.ends_in(first) + requests.ends_in(second);
        assert_eq!(counted, 1, "cut at {cut}");
    }
}

#[test]
fn requests_in_a_row_are_counted_each() {
    assert_eq!(Requests::default().ends_in(&REQUEST.repeat(16)), 16);
}

#[test]
fn an_unfinished_end_begins_anew() {
    assert_eq!(Requests::default().ends_in(b"a\r\nb\r\r\n\r\n"), 1);
    assert_eq!(Requests::default().ends_in(b"a\r\n\rb\n"), 0);
}
