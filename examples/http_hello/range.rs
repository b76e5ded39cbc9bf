//! Which part of a file a client asks for (RFC 9110, section 14).

use std::ops::Range;

/// What is to be sent of a file.
#[derive(Debug, PartialEq)]
pub(crate) enum Part {
    Whole,
    /// These bytes, of which there is at least one.
    Bytes(Range<u64>),
    /// None of the bytes asked for is there.
    Nothing,
}

/// Reads a `Range` field for a file of `len` bytes.
///
/// What is not understood, and several ranges at once, is answered with the whole file, as the
/// standard allows.
pub(crate) fn read(field: &str, len: u64) -> Part {
    let Some((unit, ranges)) = field.split_once('=') else { return Part::Whole };
    let Some((first, last)) = ranges.trim().split_once('-') else { return Part::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Part::Whole;
    }
    let bytes = match (position(first), position(last)) {
        (Position::None, Position::At(count)) => len.saturating_sub(count)..len,
        (Position::At(first), Position::None) => first..len,
        (Position::At(first), Position::At(last)) if first <= last => {
            first..last.saturating_add(1).min(len)
        }
        _ => return Part::Whole,
    };
    if bytes.is_empty() { Part::Nothing } else { Part::Bytes(bytes) }
}

enum Position {
    None,
    At(u64),
    Nonsense,
}

fn position(digits: &str) -> Position {
    match digits.trim() {
        "" => Position::None,
        // A sign is no digit, though numbers may have one elsewhere.
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // What is greater than any number is past the end of any file.
            Position::At(digits.parse().unwrap_or(u64::MAX))
        }
        _ => Position::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_cut_to_the_file() {
        for (field, part) in [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-5", Part::Bytes(2..6)),
            ("Bytes = 2-", Part::Bytes(2..10)),
            ("bytes=-3", Part::Bytes(7..10)),
            ("bytes=-30", Part::Bytes(0..10)),
            ("bytes=9-99999999999999999999", Part::Bytes(9..10)),
            ("bytes=10-", Part::Nothing),
            ("bytes=-0", Part::Nothing),
        ] {
            assert_eq!(read(field, 10), part, "{field}");
        }
        assert_eq!(read("bytes=0-", 0), Part::Nothing);
    }

    #[test]
    fn what_is_not_understood_is_the_whole_file() {
        for field in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=+1-2",
            "lines=1-2",
            "bytes=0-1,4-5",
        ] {
            assert_eq!(read(field, 10), Part::Whole, "{field}");
        }
    }
}
