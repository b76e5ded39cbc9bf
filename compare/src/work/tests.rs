use super::*;

#[test]
fn names_are_read_as_they_are_written() {
    for (name, work) in WORKS {
        assert_eq!(name.parse(), Ok(work));
        assert_eq!(work.to_string(), name);
    }
    assert!("nothing".parse::<Work>().unwrap_err().contains("echo"));
}

#[test]
fn the_answer_is_as_long_as_it_says() {
    let text = std::str::from_utf8(HELLO).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())));
}
