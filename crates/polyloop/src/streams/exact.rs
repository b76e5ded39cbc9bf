use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use super::error::{IncompleteReadError, ReadError};
use super::reader::StreamReader;

impl StreamReader {
    /// Reads exactly `count` bytes.
    ///
    /// # Errors
    ///
    /// *Incomplete* if the stream ends before, with what had come. *Failed* with the operating
    /// system's error; what had come is still in the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future leaves everything in the stream.
    pub async fn readexactly(&mut self, count: usize) -> Result<Vec<u8>, ReadError> {
        poll_fn(|cx| self.poll_exactly(cx, count)).await?;
        Ok(self.buffer.take(count))
    }

    fn poll_exactly(&mut self, cx: &mut Context<'_>, count: usize) -> Poll<Result<(), ReadError>> {
        while self.buffer.len() < count {
            if !ready!(self.poll_more(cx))? {
                let error = IncompleteReadError::new(self.take_buffered(), Some(count));
                return Poll::Ready(Err(ReadError::Incomplete(error)));
            }
        }
        Poll::Ready(Ok(()))
    }
}
