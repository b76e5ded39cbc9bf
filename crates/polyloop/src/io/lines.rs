use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_io::AsyncRead;
use polyloop_core::{Error, Result, limits};

/// Reads a stream of bytes by lines, without their ends (a line feed, or carriage return and line
/// feed). What follows the last end is a line too, if there is anything.
///
/// # Errors
///
/// An item is an error if reading fails, for a line that is not UTF-8 (*invalid data*), and for
/// one of more than 1 MiB (*invalid data*, and the stream of lines ends).
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     use futures::TryStreamExt;
///
///     let text: &[u8] = b"one\ntwo\r\n\nfour";
///     let lines: Vec<String> = polyloop::io::lines(text).try_collect().await?;
///     assert_eq!(lines, ["one", "two", "", "four"]);
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn lines<R: AsyncRead + Unpin>(reader: R) -> Lines<R> {
    Lines { reader, buffer: Vec::new(), start: 0, searched: 0, ended: false }
}

/// The lines of a stream, as a stream: what [`lines`] gives.
///
/// `buffer[start..]` was read and not yet given; no line ends in `buffer[start..searched]`.
#[must_use = "streams do nothing unless polled"]
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    searched: usize,
    ended: bool,
}

impl<R> Lines<R> {
    /// Gives the reader back, and what was read of it and not yet given.
    pub fn into_parts(mut self) -> (R, Vec<u8>) {
        self.buffer.drain(..self.start);
        (self.reader, self.buffer)
    }

    fn take(&mut self, end: usize) -> Result<String> {
        let line = &self.buffer[self.start..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        String::from_utf8(line.to_vec()).map_err(|error| {
            let error = io::Error::new(io::ErrorKind::InvalidData, error.utf8_error());
            Error::from(error).attempting("read a line")
        })
    }
}

impl<R: AsyncRead + Unpin> Stream for Lines<R> {
    type Item = Result<String>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<String>>> {
        let this = self.get_mut();
        loop {
            if let Some(at) = this.buffer[this.searched..].iter().position(|byte| *byte == b'\n') {
                let end = this.searched + at;
                let line = this.take(end);
                (this.start, this.searched) = (end + 1, end + 1);
                return Poll::Ready(Some(line));
            }
            this.searched = this.buffer.len();
            if this.ended {
                if this.start == this.buffer.len() {
                    return Poll::Ready(None);
                }
                let line = this.take(this.buffer.len());
                this.start = this.buffer.len();
                return Poll::Ready(Some(line));
            }
            this.buffer.drain(..this.start);
            (this.start, this.searched) = (0, this.buffer.len());
            if this.buffer.len() > limits::LINE_LEN_MAX {
                (this.ended, this.start) = (true, this.buffer.len());
                let error = io::Error::new(io::ErrorKind::InvalidData, "a line is too long");
                return Poll::Ready(Some(Err(Error::from(error).attempting("read a line"))));
            }
            let filled = this.buffer.len();
            this.buffer.resize(filled + PIECE, 0);
            let read = Pin::new(&mut this.reader).poll_read(cx, &mut this.buffer[filled..]);
            let count = if let Poll::Ready(Ok(count)) = read { count } else { 0 };
            this.buffer.truncate(filled + count);
            match ready!(read) {
                Ok(count) => this.ended = count == 0,
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }
}

/// What is read at once.
const PIECE: usize = 8 * 1024;
