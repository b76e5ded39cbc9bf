use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use polyloop_core::Notify;

/// The end of the bell that the loop waits at.
pub(super) struct Bell {
    stream: UnixStream,
}

/// The end that any thread may ring, also when the loop is gone.
struct Rope(UnixStream);

impl Bell {
    /// Makes a bell and what rings it.
    pub(super) fn new() -> io::Result<(Bell, Box<dyn Notify>)> {
        let (stream, rope) = UnixStream::pair()?;
        stream.set_nonblocking(true)?;
        rope.set_nonblocking(true)?;
        Ok((Bell { stream }, Box::new(Rope(rope))))
    }

    /// Forgets how often it rang.
    pub(super) fn quiet(&mut self) {
        let mut rings = [0; 64];
        while self.stream.read(&mut rings).is_ok_and(|count| count > 0) {}
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Notify for Rope {
    fn notify(&self) {
        // A full socket means that the bell is ringing already; a closed one, that nobody listens.
        let _ = (&self.0).write(&[1]);
    }
}
