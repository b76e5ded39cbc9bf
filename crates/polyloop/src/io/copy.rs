use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Error, Result, limits};

use crate::task::{Awaited, awaited};

/// Copies all bytes of a stream into another, until its end, and flushes. Gives how many there were.
///
/// The streams stay open. From a [`File`](crate::fs::File) to a socket, [`sendfile`](crate::sendfile) is
/// shorter.
///
/// # Errors
///
/// Those of either stream; [`Error::transferred`] tells how many bytes had been written.
///
/// # Cancel safety
///
/// Dropping the future has copied an unspecified part, and loses up to 64 KiB that were read and not
/// yet written.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let mut source: &[u8] = b"any stream of bytes";
///     let mut sink = Vec::new();
///     assert_eq!(polyloop::io::copy(&mut source, &mut sink).await?, 19);
///     assert_eq!(sink, b"any stream of bytes");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub async fn copy<R, W>(reader: &mut R, writer: &mut W) -> Result<u64>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let mut flow = Flow::new();
    let result = poll_fn(|cx| flow.poll_copy(cx, Pin::new(reader), Pin::new(writer))).await;
    match result {
        Ok(()) => Ok(flow.copied),
        Err(error) => {
            let transferred = usize::try_from(flow.copied).unwrap_or(usize::MAX);
            Err(Error::from(error).attempting("copy a stream").after_transferring(transferred))
        }
    }
}

/// Copies between two streams, both ways at once, until both have ended. Gives how many bytes went
/// from `a` to `b`, and from `b` to `a`.
///
/// The end of one stream closes the writing side of the other, and the other way goes on: a proxy
/// that half-closes as its two sides do.
///
/// # Errors
///
/// Those of any read, write or close, at once; the error keeps both counts.
///
/// # Cancel safety
///
/// As for [`copy`], each way.
pub async fn copy_bidirectional<A, B>(a: &mut A, b: &mut B) -> Result<(u64, u64), CopyError>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    let (mut there, mut back) = (Flow::new(), Flow::new());
    let result = poll_fn(|cx| {
        let there = there.poll_to_the_end(cx, Pin::new(&mut *a), Pin::new(&mut *b));
        if let Poll::Ready(Err(error)) = there {
            return Poll::Ready(Err(error));
        }
        let back = back.poll_to_the_end(cx, Pin::new(&mut *b), Pin::new(&mut *a));
        match (there, back) {
            (_, Poll::Ready(Err(error))) => Poll::Ready(Err(error)),
            (Poll::Ready(_), Poll::Ready(Ok(()))) => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    })
    .await;
    let (a_to_b, b_to_a) = (there.copied, back.copied);
    match result {
        Ok(()) => Ok((a_to_b, b_to_a)),
        Err(error) => Err(CopyError { error: Error::from(error), a_to_b, b_to_a }),
    }
}

/// Why [`copy_bidirectional`] failed, and what had been copied.
#[derive(Debug)]
#[non_exhaustive]
pub struct CopyError {
    /// What failed.
    pub error: Error,
    /// How many bytes had been written from the first stream to the second.
    pub a_to_b: u64,
    /// How many bytes had been written from the second stream to the first.
    pub b_to_a: u64,
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CopyError { error, a_to_b, b_to_a } = self;
        write!(f, "copy both ways, after {a_to_b} bytes there and {b_to_a} back: {error}")
    }
}

impl std::error::Error for CopyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl From<CopyError> for Error {
    fn from(error: CopyError) -> Error {
        let transferred = error.a_to_b.saturating_add(error.b_to_a);
        error.error.after_transferring(usize::try_from(transferred).unwrap_or(usize::MAX))
    }
}

impl From<CopyError> for io::Error {
    fn from(error: CopyError) -> io::Error {
        Error::from(error).into()
    }
}

/// One way of a copy.
///
/// `buffer[start..end]` was read and not yet written; `unflushed` from a write to the next flush.
struct Flow {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    stage: Stage,
    unflushed: bool,
    copied: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Copying,
    /// The reader has ended.
    Ending,
    /// The writer is flushed.
    Closing,
    Closed,
}

impl Flow {
    fn new() -> Flow {
        // The buffer comes with the first byte: an idle direction holds none until then.
        let (buffer, stage) = (Vec::new(), Stage::Copying);
        Flow { buffer, start: 0, end: 0, stage, unflushed: false, copied: 0 }
    }

    /// Copies until the reader ends, and closes the writer.
    fn poll_to_the_end<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<()>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        if matches!(self.stage, Stage::Copying | Stage::Ending) {
            ready!(self.poll_copy(cx, reader, writer.as_mut()))?;
        }
        if self.stage == Stage::Closing {
            ready!(writer.poll_close(cx))?;
            self.stage = Stage::Closed;
        }
        Poll::Ready(Ok(()))
    }

    /// Copies until the reader ends, and flushes the writer.
    fn poll_copy<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<()>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        for _ in 0..limits::OPS_PER_POLL {
            if self.start < self.end {
                let bytes = &self.buffer[self.start..self.end];
                let count = ready!(writer.as_mut().poll_write(cx, bytes))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.start += count;
                self.copied += count as u64;
                self.unflushed = true;
            } else if self.stage == Stage::Copying {
                if self.buffer.is_empty() {
                    self.buffer.resize(limits::WRITE_PIECE, 0);
                }
                match reader.as_mut().poll_read(cx, &mut self.buffer)? {
                    Poll::Ready(0) => self.stage = Stage::Ending,
                    Poll::Ready(count) => (self.start, self.end) = (0, count),
                    Poll::Pending => {
                        // What waits for more must not wait here for what came before.
                        if self.unflushed {
                            ready!(writer.as_mut().poll_flush(cx))?;
                            self.unflushed = false;
                        }
                        return Poll::Pending;
                    }
                }
            } else {
                ready!(writer.as_mut().poll_flush(cx))?;
                self.unflushed = false;
                self.stage = Stage::Closing;
                return Poll::Ready(Ok(()));
            }
        }
        // Streams that are always ready must not keep the loop.
        cx.waker().wake_by_ref();
        awaited::note(Awaited::Turn);
        Poll::Pending
    }
}
