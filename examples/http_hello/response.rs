//! Writing responses.

use std::fmt::Display;
use std::io::Write;

use crate::date::Clock;
use crate::request::Method;

const GREETING: &str = "Hello, world!";

/// Why a request is not answered as it was meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Failure {
    BadRequest,
    NotFound,
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
            Failure::NotFound => "404 Not Found",
            Failure::MethodNotAllowed => "405 Method Not Allowed",
            Failure::RequestTimeout => "408 Request Timeout",
            Failure::BodyTooLarge => "413 Content Too Large",
            Failure::HeadTooLarge => "431 Request Header Fields Too Large",
            Failure::NotImplemented => "501 Not Implemented",
        }
    }
}

/// What a response says of itself before its body.
pub(crate) struct Head<'a> {
    pub(crate) status: &'a str,
    pub(crate) media_type: &'a str,
    /// How long the body is.
    pub(crate) len: u64,
    pub(crate) keeps_alive: bool,
    /// Further fields, each with the end of its line.
    pub(crate) fields: &'a dyn Display,
}

impl Head<'_> {
    /// Adds the head to `output`.
    pub(crate) fn write(&self, output: &mut Vec<u8>, clock: &Clock) {
        let Head { status, media_type, len, keeps_alive, fields } = self;
        let connection = if *keeps_alive { "" } else { "Connection: close\r\n" };
        clock.with_date(|date| {
            write!(
                output,
                "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len}\r\n\
                 {connection}{fields}Date: {date}\r\n\r\n"
            )
            .expect("memory takes what is written");
        });
    }
}

/// Adds the greeting to `output`.
pub(crate) fn greet(output: &mut Vec<u8>, clock: &Clock, method: Method, keeps_alive: bool) {
    text(output, clock, "200 OK", GREETING, method, keeps_alive);
}

/// Adds a failure to `output`.
pub(crate) fn fail(
    output: &mut Vec<u8>,
    clock: &Clock,
    failure: Failure,
    method: Method,
    keeps_alive: bool,
) {
    let status = failure.status();
    text(output, clock, status, status, method, keeps_alive);
}

/// Adds what a client waits for before it sends its body.
pub(crate) fn go_on(output: &mut Vec<u8>) {
    output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
}

/// Adds a response whose body is a line.
fn text(
    output: &mut Vec<u8>,
    clock: &Clock,
    status: &str,
    text: &str,
    method: Method,
    keeps_alive: bool,
) {
    let (media_type, len) = ("text/plain", text.len() as u64 + 1);
    Head { status, media_type, len, keeps_alive, fields: &"" }.write(output, clock);
    if method != Method::Head {
        output.extend_from_slice(text.as_bytes());
        output.push(b'\n');
    }
}
