use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::error::ReadError;
use super::reader::StreamReader;

/// The lines of a stream, each with its end; [`StreamReader::lines`] makes it.
///
/// # Cancel safety
///
/// Dropping it, or a wait for its next line, leaves what was not given in the stream.
#[must_use = "streams do nothing unless polled"]
#[derive(Debug)]
pub struct StreamLines<'a> {
    reader: &'a mut StreamReader,
    /// How much of the buffer is known to hold no end of a line.
    searched: usize,
    failed: bool,
}

impl<'a> StreamLines<'a> {
    pub(super) fn new(reader: &'a mut StreamReader) -> StreamLines<'a> {
        StreamLines { reader, searched: 0, failed: false }
    }
}

/// It ends with the stream; after the stream has failed, too.
impl Stream for StreamLines<'_> {
    type Item = Result<Vec<u8>, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.failed {
            return Poll::Ready(None);
        }
        let line = ready!(this.reader.poll_line(cx, &mut this.searched));
        this.failed = matches!(line, Err(ReadError::Failed(_)));
        Poll::Ready(match line {
            Ok(line) if line.is_empty() => None,
            line => Some(line),
        })
    }
}
