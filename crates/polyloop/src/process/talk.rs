use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Error, ErrorKind, Result};

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
    pub(super) fn poll(&mut self, ends: &mut Ends, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let written = self.poll_write(ends, cx)?;
        let out = poll_read(&mut ends.stdout, &mut self.stdout, cx)?;
        let err = poll_read(&mut ends.stderr, &mut self.stderr, cx)?;
        match (written, out, err) {
            (Poll::Ready(()), Poll::Ready(()), Poll::Ready(())) => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    }

    fn poll_write(&mut self, ends: &mut Ends, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while let Some(stdin) = &mut ends.stdin {
            let left = &self.input[self.written..];
            if left.is_empty() {
                break;
            }
            match ready!(Pin::new(stdin).poll_write(cx, left)) {
                Ok(count) => self.written += count,
                // A process need not read what it is given.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                Err(error) => return Poll::Ready(Err(writing(error))),
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
) -> Poll<Result<()>> {
    let mut piece = [0; PIECE];
    while let Some(reader) = from {
        match ready!(Pin::new(reader).poll_read(cx, &mut piece)) {
            Ok(0) => *from = None,
            Ok(count) => into.extend_from_slice(&piece[..count]),
            Err(error) => {
                let error = Error::from(error).attempting("read what a process writes");
                return Poll::Ready(Err(error));
            }
        }
    }
    Poll::Ready(Ok(()))
}

fn writing(error: io::Error) -> Error {
    Error::from(error).attempting("write to the input of a process")
}

/// The error of giving input to what takes none.
pub(super) fn no_input() -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting("give input to a process whose input is no pipe, or is closed")
}
