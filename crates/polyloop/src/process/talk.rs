use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Error, ErrorKind, Result};

use super::spawned::Spawned;
use super::stdio::Ends;
use crate::io::PipeReader;

/// What is still to be written to a process, and what it has written so far.
#[derive(Debug, Default)]
pub(super) struct Talk {
    input: Vec<u8>,
    written: usize,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Bytes that one read takes at most: a pipe of Linux holds 64 KiB, and this is what a stack bears.
const PIECE: usize = 16 * 1024;

impl Talk {
    pub(super) fn add(&mut self, input: &[u8]) {
        self.input.extend_from_slice(input);
    }

    /// Writes and reads until the input is written and both outputs have ended, in whichever order
    /// the process likes; closes what has ended.
    pub(super) fn poll(
        &mut self,
        process: &Spawned,
        ends: &mut Ends,
        cx: &mut Context<'_>,
    ) -> Poll<Result<()>> {
        let failed = |what: &str, error: io::Error| {
            Error::from(error).attempting(format_args!("{what} {}", process.name()))
        };
        let writing = |error| failed("write to the input of", error);
        let written = self.poll_write(ends, cx).map_err(writing)?;
        let reading = |error| failed("read the output of", error);
        let out = poll_read(&mut ends.stdout, &mut self.stdout, cx).map_err(reading)?;
        let reading = |error| failed("read the errors of", error);
        let err = poll_read(&mut ends.stderr, &mut self.stderr, cx).map_err(reading)?;
        match (written, out, err) {
            (Poll::Ready(()), Poll::Ready(()), Poll::Ready(())) => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    }

    fn poll_write(&mut self, ends: &mut Ends, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(stdin) = &mut ends.stdin {
            let left = &self.input[self.written..];
            if left.is_empty() {
                break;
            }
            match ready!(Pin::new(stdin).poll_write(cx, left)) {
                Ok(count) => self.written += count,
                // A process need not read what it is given.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        ends.stdin = None;
        self.input = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

fn poll_read(
    from: &mut Option<PipeReader>,
    into: &mut Vec<u8>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let mut piece = [0; PIECE];
    while let Some(reader) = from {
        match ready!(Pin::new(reader).poll_read(cx, &mut piece)) {
            Ok(0) => *from = None,
            Ok(count) => into.extend_from_slice(&piece[..count]),
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
    Poll::Ready(Ok(()))
}

/// The error of giving input to what takes none.
pub(super) fn no_input(process: &Spawned) -> Error {
    Error::new(ErrorKind::InvalidInput).attempting(format_args!(
        "give input to {}, whose input is no pipe, or is closed",
        process.name()
    ))
}
