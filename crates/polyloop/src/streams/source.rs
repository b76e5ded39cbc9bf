use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;
use polyloop_core::{Chunk, Error, Result};

use super::buffer::ReadBuffer;
use crate::wire::Wire;

/// How much is asked of a reader of another kind at once.
const READ_SIZE: usize = 8 * 1024;

/// Where a reader's bytes come from.
pub(super) enum Source {
    Wire(Rc<Wire>),
    Reader(Pin<Box<dyn AsyncRead>>),
}

impl Source {
    /// Reads into a slice; zero at the end.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        match self {
            Source::Wire(wire) => wire.poll_read(cx, buf),
            Source::Reader(reader) => reader.as_mut().poll_read(cx, buf).map_err(reading),
        }
    }

    /// Reads behind what is in the buffer; false at the end.
    pub(super) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuffer,
    ) -> Poll<Result<bool>> {
        match self {
            Source::Wire(wire) => {
                let chunk: Option<Chunk> = ready!(wire.poll_read_chunk(cx))?;
                let is_more = chunk.is_some();
                if let Some(chunk) = chunk {
                    buffer.push(chunk);
                }
                Poll::Ready(Ok(is_more))
            }
            Source::Reader(reader) => buffer.fill(READ_SIZE, |room| {
                let read = reader.as_mut().poll_read(cx, room);
                let count = match &read {
                    Poll::Ready(Ok(count)) => *count,
                    _ => 0,
                };
                (count, read.map(|read| read.map(|count| count > 0).map_err(reading)))
            }),
        }
    }

    /// Looks whether the end is there, adding to the buffer what comes instead.
    pub(super) fn is_at_end(&self, buffer: &mut ReadBuffer) -> Result<bool> {
        let Source::Wire(wire) = self else { return Ok(false) };
        match wire.try_read_chunk(&wire.engine()?) {
            Ok(None) => Ok(true),
            Ok(Some(chunk)) => {
                buffer.push(chunk);
                Ok(false)
            }
            Err(error) if error.is_would_block() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn reading(error: io::Error) -> Error {
    Error::from(error).attempting("read what a stream reader is over")
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Wire(wire) => wire.fmt(f),
            Source::Reader(_) => f.write_str("another reader"),
        }
    }
}
