use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;
use polyloop_core::{Chunk, Error, Result, limits};

use super::buffer::ReadBuffer;
use super::source::Source;
use super::stream_lines::StreamLines;
use crate::wire::Wire;

/// The reading end of a stream, with a buffer: asyncio's `StreamReader`.
///
/// It reads when it is asked to, so a peer that sends more than is read is held up by the system.
/// Every read that is given up (dropped, timed out) leaves its bytes in the stream. At the end
/// of the stream, and when it has failed, what had come is read first; then every read tells it.
///
/// # Examples
///
/// ```
/// use polyloop::{StreamReader, StreamWriter, open_connection, start_server};
///
/// async fn greet(mut reader: StreamReader, writer: StreamWriter) -> polyloop::Result<()> {
///     let name = reader.readline().await?;
///     writer.writelines([b"hello ", &name[..]]);
///     writer.drain().await
/// }
///
/// polyloop::run(async {
///     let server = start_server(greet, "127.0.0.1:0").await?;
///     let (mut reader, writer) = open_connection(server.local_addr()?).await?;
///     writer.write(b"world\n");
///     assert_eq!(reader.readline().await?, b"hello world\n");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub struct StreamReader {
    source: Source,
    pub(super) buffer: ReadBuffer,
    rare: Option<Box<Rare>>,
    end: End,
}

/// What few streams have: a limit of their own, an error.
#[derive(Debug)]
struct Rare {
    limit: usize,
    error: Option<Error>,
}

/// How the stream has ended; `buffer` holds what came before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    NotYet,
    Eof,
    /// With the error that is there then.
    Failed,
}

// The task that is given one keeps it twice: where it was given and where it is used.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<StreamReader>() <= 48);

impl Default for Rare {
    fn default() -> Rare {
        Rare { limit: limits::STREAM_LIMIT, error: None }
    }
}

impl StreamReader {
    pub(super) fn of(wire: Rc<Wire>) -> StreamReader {
        StreamReader::new(Source::Wire(wire))
    }

    /// Reads from anything that can be read: a pipe, a child's output, a decompressor.
    pub fn over(reader: impl AsyncRead + 'static) -> StreamReader {
        StreamReader::new(Source::Reader(Box::pin(reader)))
    }

    fn new(source: Source) -> StreamReader {
        StreamReader { source, buffer: ReadBuffer::default(), rare: None, end: End::NotYet }
    }

    /// Gives the limit of what is looked at for a separator.
    pub const fn limit(&self) -> usize {
        match &self.rare {
            Some(rare) => rare.limit,
            None => limits::STREAM_LIMIT,
        }
    }

    /// Sets the limit of what is looked at for a separator, in bytes; 64 KiB at first.
    ///
    /// # Panics
    ///
    /// If it is zero.
    pub fn set_limit(&mut self, limit: usize) {
        assert!(limit > 0, "a stream's limit is at least one byte");
        self.rare.get_or_insert_default().limit = limit;
    }

    /// Reads some bytes, at most `count`; none at the end of the stream.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *connection reset*, after all bytes that came before.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future reads nothing.
    pub async fn read(&mut self, count: usize) -> Result<Vec<u8>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        poll_fn(|cx| self.poll_buffered(cx)).await?;
        let count = count.min(self.buffer.len());
        Ok(self.buffer.take(count))
    }

    /// Reads some bytes into a slice and tells how many; zero at the end of the stream (or of `buf`,
    /// if that is empty).
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future reads nothing.
    pub fn read_into(&mut self, buf: &mut [u8]) -> impl Future<Output = Result<usize>> {
        poll_fn(move |cx| self.poll_read_into(cx, buf))
    }

    /// Reads until the end of the stream: asyncio's `read(-1)`.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read); what had come is still in the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future leaves everything in the stream.
    pub async fn read_to_end(&mut self) -> Result<Vec<u8>> {
        poll_fn(|cx| {
            while ready!(self.poll_more(cx))? {}
            let count = self.buffer.len();
            Poll::Ready(Ok(self.buffer.take(count)))
        })
        .await
    }

    /// Reads some bytes without copying them, where they were received on their own; nothing at the
    /// end of the stream. The chunk goes back to the loop when it is dropped, on any thread.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future reads nothing.
    pub fn read_chunk(&mut self) -> impl Future<Output = Result<Option<Chunk>>> {
        poll_fn(move |cx| {
            ready!(self.poll_buffered(cx))?;
            Poll::Ready(Ok(self.buffer.take_chunk()))
        })
    }

    /// Gives the lines as a `Stream`, each with its end, as [`readline`](Self::readline) reads them.
    pub fn lines(&mut self) -> StreamLines<'_> {
        StreamLines::new(self)
    }

    /// Tells whether the stream has ended and everything was read. It does not wait, so the end may
    /// be on its way.
    pub fn at_eof(&mut self) -> bool {
        if self.buffer.is_empty() && self.end == End::NotYet {
            match self.source.is_at_end(&mut self.buffer) {
                Ok(true) => self.end = End::Eof,
                Ok(false) => {}
                Err(error) => self.fail(error),
            }
        }
        self.buffer.is_empty() && self.end == End::Eof
    }

    /// Takes what was received and not read, for a layer that comes in between.
    pub(crate) fn take_buffered(&mut self) -> Vec<u8> {
        let count = self.buffer.len();
        self.buffer.take(count)
    }

    /// Gives the wire, where the bytes come from one.
    #[cfg(feature = "tls")]
    pub(crate) fn wire(&self) -> Option<&Rc<Wire>> {
        match &self.source {
            Source::Wire(wire) => Some(wire),
            Source::Reader(_) => None,
        }
    }

    pub(super) fn poll_read_into(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        if self.buffer.is_empty() && self.end == End::NotYet && !buf.is_empty() {
            let result = ready!(self.source.poll_read(cx, buf));
            if let Err(error) = &result {
                self.fail(error.clone());
            } else if let Ok(0) = result {
                self.end = End::Eof;
            }
            return Poll::Ready(result);
        }
        ready!(self.poll_buffered(cx))?;
        let count = buf.len().min(self.buffer.len());
        buf[..count].copy_from_slice(&self.buffer.as_slice()[..count]);
        self.buffer.consume(count);
        Poll::Ready(Ok(count))
    }

    /// Waits until something is in the buffer, or the stream has ended.
    pub(super) fn poll_buffered(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match self.buffer.is_empty() {
            true => self.poll_more(cx).map(|more| more.map(drop)),
            false => Poll::Ready(Ok(())),
        }
    }

    /// Waits until more is in the buffer; false at the end of the stream.
    pub(super) fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool>> {
        if self.end != End::NotYet {
            let error = self.rare.as_ref().and_then(|rare| rare.error.clone());
            return Poll::Ready(error.map_or(Ok(false), Err));
        }
        let more = ready!(self.source.poll_fill(cx, &mut self.buffer));
        match &more {
            Ok(true) => {}
            Ok(false) => self.end = End::Eof,
            Err(error) => self.fail(error.clone()),
        }
        Poll::Ready(more)
    }

    fn fail(&mut self, error: Error) {
        self.end = End::Failed;
        self.rare.get_or_insert_default().error = Some(error);
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        if let Source::Wire(wire) = &self.source {
            wire.drop_half();
        }
    }
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StreamReader { source, buffer, end, .. } = self;
        write!(f, "StreamReader({source:?}, {} bytes in the buffer", buffer.len())?;
        match end {
            End::NotYet => f.write_str(")"),
            end => write!(f, ", {end:?})"),
        }
    }
}
