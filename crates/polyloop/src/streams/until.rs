use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use super::error::{IncompleteReadError, LimitOverrunError, ReadError};
use super::reader::StreamReader;
use super::separators::{Match, Separators};

const LINE_END: &[u8] = b"\n";

impl StreamReader {
    /// Reads to the end of a separator, which is part of what it gives.
    ///
    /// Of several separators the one that ends first counts.
    ///
    /// # Errors
    ///
    /// *Incomplete* if the stream ends before, with what had come. *Limit overrun* if more than the
    /// [limit](Self::set_limit) comes before a separator; it stays in the stream, to be read in
    /// another way. *Failed* with the operating system's error; what had come is still in the
    /// stream.
    ///
    /// # Panics
    ///
    /// If there is no separator, or an empty one.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future leaves everything in the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// # polyloop::run(async {
    /// let mut reader = polyloop::StreamReader::over(&b"one;two\r\nthree"[..]);
    /// assert_eq!(reader.readuntil(b";").await?, b"one;");
    /// let ends: &[&[u8]] = &[b"\r\n", b";"];
    /// assert_eq!(reader.readuntil(ends).await?, b"two\r\n");
    /// let error = reader.readuntil(ends).await.unwrap_err();
    /// assert_eq!(error.partial(), Some(&b"three"[..]));
    /// # Ok::<(), polyloop::ReadError>(())
    /// # })??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn readuntil<'a>(
        &mut self,
        separators: impl Into<Separators<'a>>,
    ) -> Result<Vec<u8>, ReadError> {
        let separators = separators.into();
        assert!(separators.are_valid(), "a separator is at least one byte");
        let mut searched = 0;
        let found = poll_fn(|cx| self.poll_until(cx, &separators, &mut searched)).await;
        match found {
            Ok(end) => Ok(self.buffer.take(end)),
            Err(ReadError::Incomplete(_)) => {
                let error = IncompleteReadError::new(self.take_buffered(), None);
                Err(ReadError::Incomplete(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a line with its end, `\n`. At the end of the stream it gives what there is, which
    /// is nothing when everything was read.
    ///
    /// # Errors
    ///
    /// *Limit overrun* for a line longer than the [limit](Self::set_limit). As in asyncio the line,
    /// or as much of it as had come, is dropped from the stream. *Failed* with the operating
    /// system's error; what had come is still in the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future leaves everything in the stream.
    pub async fn readline(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut searched = 0;
        poll_fn(|cx| self.poll_line(cx, &mut searched)).await
    }

    /// Reads a line; `searched` bytes of the buffer are known to hold no end of it.
    pub(super) fn poll_line(
        &mut self,
        cx: &mut Context<'_>,
        searched: &mut usize,
    ) -> Poll<Result<Vec<u8>, ReadError>> {
        let found = ready!(self.poll_until(cx, &LINE_END.into(), searched));
        *searched = 0;
        Poll::Ready(match found {
            Ok(end) => Ok(self.buffer.take(end)),
            Err(ReadError::Incomplete(_)) => Ok(self.take_buffered()),
            Err(ReadError::LimitOverrun(error)) => {
                let line = match error.found {
                    true => error.consumed + LINE_END.len(),
                    false => self.buffer.len(),
                };
                self.buffer.consume(line);
                Err(ReadError::LimitOverrun(error))
            }
            Err(error) => Err(error),
        })
    }

    /// Finds where the first separator in the buffer ends, reading until there is one; the errors
    /// take nothing out, not even an *incomplete* one.
    fn poll_until(
        &mut self,
        cx: &mut Context<'_>,
        separators: &Separators<'_>,
        searched: &mut usize,
    ) -> Poll<Result<usize, ReadError>> {
        loop {
            let bytes = self.buffer.as_slice();
            if let Some(Match { start, end }) = separators.find(bytes, *searched) {
                let fits = start <= self.limit();
                return Poll::Ready(if fits { Ok(end) } else { Err(overrun(start, true)) });
            }
            // A separator may have begun at the end of what is there.
            *searched = (bytes.len() + 1).saturating_sub(separators.longest());
            if *searched > self.limit() {
                return Poll::Ready(Err(overrun(*searched, false)));
            }
            if !ready!(self.poll_more(cx))? {
                let nothing_taken = IncompleteReadError::new(Vec::new(), None);
                return Poll::Ready(Err(ReadError::Incomplete(nothing_taken)));
            }
        }
    }
}

fn overrun(consumed: usize, found: bool) -> ReadError {
    ReadError::LimitOverrun(LimitOverrunError { consumed, found })
}
