//! Reading the head of a request.

use httparse::{EMPTY_HEADER, Status};

use crate::response::Failure;

/// The longest head, and the most fields in it.
pub(crate) const HEAD_LEN_MAX: usize = 16 * 1024;
const FIELDS_MAX: usize = 64;
/// The longest body that is read and thrown away.
const BODY_LEN_MAX: u64 = 64 * 1024 * 1024;

/// The head of a request.
#[derive(Debug, PartialEq)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// What it is about.
    pub(crate) target: &'a str,
    /// Which part of that it asks for.
    pub(crate) range: Option<&'a str>,
    /// From when what the client has already is.
    pub(crate) has_since: Option<&'a str>,
    /// Whether another request may follow on this connection.
    pub(crate) keeps_alive: bool,
    /// Whether the client waits to be told that it may send the body.
    pub(crate) waits_to_continue: bool,
    /// How long the body is that follows.
    pub(crate) body_len: u64,
    /// How long the head itself is.
    pub(crate) len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Method {
    Get,
    Head,
    Other,
}

/// Reads the head at the front of `input`; nothing if it is not there as a whole yet.
pub(crate) fn read(input: &[u8]) -> Result<Option<Request<'_>>, Failure> {
    let mut fields = [EMPTY_HEADER; FIELDS_MAX];
    let mut head = httparse::Request::new(&mut fields);
    let len = match head.parse(input) {
        Ok(Status::Complete(len)) if len <= HEAD_LEN_MAX => len,
        Ok(Status::Partial) if input.len() < HEAD_LEN_MAX => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(Failure::HeadTooLarge),
        Err(_) => return Err(Failure::BadRequest),
    };
    let method = match head.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        _ => Method::Other,
    };
    let mut request = Request {
        method,
        target: head.path.unwrap_or_default(),
        range: None,
        has_since: None,
        keeps_alive: head.version == Some(1),
        waits_to_continue: false,
        body_len: 0,
        len,
    };
    let mut has_length = false;
    for field in head.headers.iter() {
        let (name, value) = (field.name, field.value.trim_ascii());
        if name.eq_ignore_ascii_case("connection") {
            request.keeps_alive = keeps_alive(value).unwrap_or(request.keeps_alive);
        } else if name.eq_ignore_ascii_case("content-length") {
            let body_len = length(value).ok_or(Failure::BadRequest)?;
            // Two that differ are how requests are smuggled.
            if has_length && body_len != request.body_len {
                return Err(Failure::BadRequest);
            }
            (request.body_len, has_length) = (body_len, true);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Failure::NotImplemented);
        } else if name.eq_ignore_ascii_case("range") {
            request.range = std::str::from_utf8(value).ok();
        } else if name.eq_ignore_ascii_case("if-modified-since") {
            request.has_since = std::str::from_utf8(value).ok();
        } else if name.eq_ignore_ascii_case("expect") {
            request.waits_to_continue = value.eq_ignore_ascii_case(b"100-continue");
        }
    }
    if request.body_len > BODY_LEN_MAX {
        return Err(Failure::BodyTooLarge);
    }
    Ok(Some(request))
}

/// Reads the options of a `Connection` field, of which only two matter here.
fn keeps_alive(value: &[u8]) -> Option<bool> {
    let mut options = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    options.find_map(|option| {
        let close = option.eq_ignore_ascii_case(b"close");
        (close || option.eq_ignore_ascii_case(b"keep-alive")).then_some(!close)
    })
}

/// Reads digits and nothing else: no sign, no blank.
fn length(value: &[u8]) -> Option<u64> {
    let is_decimal = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    is_decimal.then(|| std::str::from_utf8(value).ok()?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simple(len: usize) -> Request<'static> {
        Request {
            method: Method::Get,
            target: "/",
            range: None,
            has_since: None,
            keeps_alive: true,
            waits_to_continue: false,
            body_len: 0,
            len,
        }
    }

    #[test]
    fn a_head_is_there_when_its_last_byte_is() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        for len in 0..head.len() {
            assert_eq!(read(&head[..len]), Ok(None), "{len} bytes");
        }
        assert_eq!(read(head), Ok(Some(simple(head.len()))));
    }

    #[test]
    fn fields_say_how_to_go_on() {
        fn request(head: &str) -> Request<'_> {
            read(head.as_bytes()).expect("good").expect("whole")
        }
        assert!(!request("GET / HTTP/1.1\r\nConnection: x, Close\r\n\r\n").keeps_alive);
        assert!(!request("GET / HTTP/1.0\r\n\r\n").keeps_alive);
        assert!(request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keeps_alive);
        let put = request("PUT / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assert_eq!((put.method, put.body_len, put.waits_to_continue), (Method::Other, 5, true));
        let part = request("GET /a?b HTTP/1.1\r\nrange: bytes=1-2\r\nIf-Modified-Since: x\r\n\r\n");
        assert_eq!(
            (part.target, part.range, part.has_since),
            ("/a?b", Some("bytes=1-2"), Some("x"))
        );
    }

    #[test]
    fn what_would_be_read_wrongly_is_refused() {
        let refused = |head: &str| read(head.as_bytes()).expect_err("refused");
        assert_eq!(refused("GET /\x01 HTTP/1.1\r\n\r\n"), Failure::BadRequest);
        for length in ["-1", "+1", "1x", "", "99999999999999999999"] {
            let head = format!("GET / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
            assert_eq!(refused(&head), Failure::BadRequest, "{length}");
        }
        let twice = "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(refused(twice), Failure::BadRequest);
        let chunked = "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(refused(chunked), Failure::NotImplemented);
        let large = "GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n";
        assert_eq!(refused(large), Failure::BodyTooLarge);
        assert_eq!(refused(&"G".repeat(HEAD_LEN_MAX)), Failure::HeadTooLarge);
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(FIELDS_MAX + 1));
        assert_eq!(refused(&many), Failure::HeadTooLarge);
    }
}
