//! Reading requests: an array of strings in RESP2, or a line of words as one types it.

use polyloop::{Error, ErrorKind, Result};

/// The most arguments of a request, and the longest of them in bytes: more is a mistake or an
/// attack, and the connection ends.
const ARGUMENTS_MAX: usize = 1024 * 1024;
const ARGUMENT_LEN_MAX: usize = 64 * 1024 * 1024;
/// The longest line, which holds a length or a request that was typed.
const LINE_LEN_MAX: usize = 64 * 1024;

/// A request at the front of what was received.
pub(crate) struct Request<'a> {
    /// The command and its arguments; empty for an empty line.
    pub(crate) words: Vec<&'a [u8]>,
    /// How many bytes it takes.
    pub(crate) len: usize,
}

/// Reads the first request of `input`; nothing if it is not there as a whole yet.
///
/// # Errors
///
/// *Invalid data* if no continuation makes it a request.
pub(crate) fn read(input: &[u8]) -> Result<Option<Request<'_>>> {
    let mut reader = Reader { input, at: 0 };
    match input.first() {
        None => Ok(None),
        Some(b'*') => reader.array(),
        Some(_) => reader.typed(),
    }
}

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn array(&mut self) -> Result<Option<Request<'a>>> {
        let Some(count) = self.length(b'*', ARGUMENTS_MAX)? else { return Ok(None) };
        // Nothing is reserved on the peer's word alone.
        let mut words = Vec::with_capacity(count.min(16));
        for _ in 0..count {
            let Some(len) = self.length(b'$', ARGUMENT_LEN_MAX)? else { return Ok(None) };
            let Some(with_end) = self.input.get(self.at..self.at + len + 2) else {
                return Ok(None);
            };
            let (word, end) = with_end.split_at(len);
            if end != b"\r\n" {
                return Err(malformed("an argument that is longer than its length"));
            }
            words.push(word);
            self.at += len + 2;
        }
        Ok(Some(Request { words, len: self.at }))
    }

    fn typed(&mut self) -> Result<Option<Request<'a>>> {
        let Some(line) = self.line()? else { return Ok(None) };
        let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        Ok(Some(Request { words, len: self.at }))
    }

    /// Reads a marker and a decimal length; a negative one, the null of an array, counts as none.
    fn length(&mut self, marker: u8, max: usize) -> Result<Option<usize>> {
        let Some(line) = self.line()? else { return Ok(None) };
        let digits = match line.split_first() {
            Some((first, digits)) if *first == marker => digits,
            _ => return Err(malformed("a word that has no length")),
        };
        let length = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        match length {
            Some(length @ 0i64..) if length as usize <= max => Ok(Some(length as usize)),
            Some(-1) if marker == b'*' => Ok(Some(0)),
            _ => Err(malformed("a length that is no number, or too great")),
        }
    }

    /// Reads a line, without its end.
    fn line(&mut self) -> Result<Option<&'a [u8]>> {
        let rest = &self.input[self.at..];
        let Some(end) = rest.iter().take(LINE_LEN_MAX).position(|byte| *byte == b'\n') else {
            let too_long = rest.len() >= LINE_LEN_MAX;
            return if too_long { Err(malformed("a line that has no end")) } else { Ok(None) };
        };
        self.at += end + 1;
        let line = &rest[..end];
        Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidInput).attempting(format_args!("read a request: found {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(input: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
        let request = read(input).expect("well-formed")?;
        Some((request.words.into_iter().map(<[u8]>::to_vec).collect(), request.len))
    }

    #[test]
    fn every_prefix_of_a_request_is_not_there_yet() {
        let input = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n";
        for len in 0..input.len() {
            assert_eq!(words(&input[..len]), None, "{len} bytes");
        }
        let (found, len) = words(input).expect("whole");
        assert_eq!(found, [b"SET".to_vec(), b"k".to_vec(), b"a\r\nb".to_vec()]);
        assert_eq!(len, input.len());
    }

    #[test]
    fn what_follows_a_request_is_left() {
        assert_eq!(words(b"PING\r\n*1\r\n"), Some((vec![b"PING".to_vec()], 6)));
        assert_eq!(words(b"*0\r\nrest"), Some((vec![], 4)));
        assert_eq!(words(b"*-1\r\nrest"), Some((vec![], 5)));
        assert_eq!(words(b"\r\nrest"), Some((vec![], 2)));
    }

    #[test]
    fn what_cannot_become_a_request_is_refused() {
        let long = vec![b'x'; LINE_LEN_MAX];
        let inputs: [&[u8]; 6] = [
            b"*x\r\n",
            b"*1\r\n:1\r\n",
            b"*1\r\n$-1\r\n",
            b"*1\r\n$2\r\nabcd",
            b"*9999999\r\n",
            &long,
        ];
        for input in inputs {
            assert!(read(input).is_err(), "{:?}", String::from_utf8_lossy(&input[..4]));
        }
    }
}
