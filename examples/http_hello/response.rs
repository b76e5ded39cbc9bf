//! Writing responses.

use std::io::Write;

use crate::date::Clock;
use crate::request::Method;

const GREETING: &str = "Hello, world!\n";

/// Why a request is not answered as it was meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Failure {
    BadRequest,
    MethodNotAllowed,
    RequestTimeout,
    BodyTooLarge,
    HeadTooLarge,
    NotImplemented,
}

impl Failure {
    const fn status(self) -> &'static str {
        match self {
            Failure::BadRequest => "400 Bad Request",
            Failure::MethodNotAllowed => "405 Method Not Allowed",
            Failure::RequestTimeout => "408 Request Timeout",
            Failure::BodyTooLarge => "413 Content Too Large",
            Failure::HeadTooLarge => "431 Request Header Fields Too Large",
            Failure::NotImplemented => "501 Not Implemented",
        }
    }
}

/// Adds the greeting to `output`.
pub(crate) fn greet(output: &mut Vec<u8>, clock: &Clock, method: Method, keeps_alive: bool) {
    head(output, clock, "200 OK", GREETING.len(), keeps_alive);
    if method != Method::Head {
        output.extend_from_slice(GREETING.as_bytes());
    }
}

/// Adds a failure to `output`.
pub(crate) fn fail(output: &mut Vec<u8>, clock: &Clock, failure: Failure, keeps_alive: bool) {
    let status = failure.status();
    head(output, clock, status, status.len() + 1, keeps_alive);
    output.extend_from_slice(status.as_bytes());
    output.push(b'\n');
}

/// Adds what a client waits for before it sends its body.
pub(crate) fn go_on(output: &mut Vec<u8>) {
    output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
}

fn head(output: &mut Vec<u8>, clock: &Clock, status: &str, len: usize, keeps_alive: bool) {
    let connection = if keeps_alive { "" } else { "Connection: close\r\n" };
    clock.with_date(|date| {
        write!(
            output,
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len}\r\n\
             {connection}Date: {date}\r\n\r\n"
        )
        .expect("memory takes what is written");
    });
}
