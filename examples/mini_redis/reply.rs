//! Writing replies, in RESP2.

use std::fmt::Display;
use std::io::Write;

/// What was answered and not yet sent.
#[derive(Default)]
pub(crate) struct Replies {
    bytes: Vec<u8>,
}

impl Replies {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    pub(crate) fn ok(&mut self) {
        self.bytes.extend_from_slice(b"+OK\r\n");
    }

    pub(crate) fn pong(&mut self) {
        self.bytes.extend_from_slice(b"+PONG\r\n");
    }

    pub(crate) fn error(&mut self, error: impl Display) {
        self.format(format_args!("-ERR {error}\r\n"));
    }

    pub(crate) fn wrong_type(&mut self) {
        const TEXT: &[u8] =
            b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
        self.bytes.extend_from_slice(TEXT);
    }

    pub(crate) fn integer(&mut self, value: i64) {
        self.format(format_args!(":{value}\r\n"));
    }

    pub(crate) fn nil(&mut self) {
        self.bytes.extend_from_slice(b"$-1\r\n");
    }

    pub(crate) fn text(&mut self, text: &[u8]) {
        self.format(format_args!("${}\r\n", text.len()));
        self.bytes.extend_from_slice(text);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Begins an array: that many replies follow.
    pub(crate) fn array(&mut self, len: usize) {
        self.format(format_args!("*{len}\r\n"));
    }

    fn format(&mut self, what: impl Display) {
        write!(self.bytes, "{what}").expect("memory takes what is written");
    }
}
