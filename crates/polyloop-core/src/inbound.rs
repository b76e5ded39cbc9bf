use std::collections::VecDeque;

use crate::{Chunk, Error, Result};

/// What a loop has received ahead for one stream and nobody has read: chunks in order, then
/// perhaps the end.
///
/// Between calls no chunk in here is empty, and nothing is taken in after the end. It is pure
/// machinery: which backend fills it, and when, is not its business.
#[derive(Debug, Default)]
pub struct Inbound {
    chunks: VecDeque<Chunk>,
    end: Option<End>,
    /// The reader has met the end, or the error.
    met_end: bool,
}

#[derive(Debug)]
enum End {
    Eof,
    Failed(Error),
    /// A send has met this reset, and the kernel will tell the reader of an end in order.
    Reset(Error),
}

impl Inbound {
    /// Takes a received chunk in at the back; an empty one is dropped.
    #[inline]
    pub fn push(&mut self, chunk: Chunk) {
        debug_assert!(!self.has_ended(), "bytes after the end of a stream");
        if !chunk.is_empty() {
            self.chunks.push_back(chunk);
        }
    }

    /// Puts bytes that were read back to the front.
    pub fn push_front(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut chunk = Chunk::standalone(bytes.len());
        chunk.storage_mut().copy_from_slice(bytes);
        chunk.fill(bytes.len());
        self.chunks.push_front(chunk);
    }

    /// Notes that the stream has ended; the reader learns it after all bytes, again and again.
    #[inline]
    pub fn finish(&mut self) {
        self.end = match self.end.take() {
            Some(End::Reset(error)) => Some(End::Failed(error)),
            end => end.or(Some(End::Eof)),
        };
    }

    /// Notes that the stream has failed; the reader learns it after all bytes, once, and then
    /// finds the end.
    #[inline]
    pub fn fail(&mut self, error: Error) {
        self.end = match self.end.take() {
            None | Some(End::Reset(_)) => Some(End::Failed(error)),
            end => end,
        };
    }

    /// Notes that a send has failed by a reset of the connection.
    ///
    /// Kernels tell of it once, to whoever comes first; where they tell the reader of an end in
    /// order then, it learns of the reset first. It is for who read of the end already no news.
    pub fn send_met_reset(&mut self, error: Error) {
        if self.met_end {
            return;
        }
        self.end = match self.end.take() {
            None => Some(End::Reset(error)),
            Some(End::Eof) => Some(End::Failed(error)),
            end => end,
        };
    }

    /// Notes that the reader itself has met the end with the kernel.
    ///
    /// # Errors
    ///
    /// The reset that a send has met, once.
    #[inline]
    pub fn meet_end(&mut self) -> Result<()> {
        self.met_end = true;
        match self.end.take_if(|end| matches!(end, End::Reset(_))) {
            Some(End::Reset(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads into `buf` what there is: `None` if nothing, else as a non-blocking read would.
    #[inline]
    pub fn read(&mut self, buf: &mut [u8]) -> Option<Result<usize>> {
        if self.chunks.is_empty() {
            return self.read_end().map(|end| end.map(|()| 0));
        }
        let mut count = 0;
        while let Some(chunk) = self.chunks.front_mut() {
            let step = chunk.len().min(buf.len() - count);
            buf[count..count + step].copy_from_slice(&chunk[..step]);
            count += step;
            if step < chunk.len() {
                chunk.consume(step);
                break;
            }
            self.chunks.pop_front();
        }
        Some(Ok(count))
    }

    /// Copies what [`read`](Self::read) would give, without taking it; an error is taken.
    pub fn peek(&mut self, buf: &mut [u8]) -> Option<Result<usize>> {
        if self.chunks.is_empty() {
            return self.read_end().map(|end| end.map(|()| 0));
        }
        let mut count = 0;
        for chunk in &self.chunks {
            let step = chunk.len().min(buf.len() - count);
            buf[count..count + step].copy_from_slice(&chunk[..step]);
            count += step;
        }
        Some(Ok(count))
    }

    /// Takes the first chunk: `None` if there is nothing, an inner `None` at the end.
    #[inline]
    pub fn pop(&mut self) -> Option<Result<Option<Chunk>>> {
        match self.chunks.pop_front() {
            Some(chunk) => Some(Ok(Some(chunk))),
            None => self.read_end().map(|end| end.map(|()| None)),
        }
    }

    /// Takes all bytes out, for who gets the handle back.
    #[inline]
    pub fn take_bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.chunks.iter().map(|chunk| chunk.len()).sum());
        self.chunks.drain(..).for_each(|chunk| bytes.extend_from_slice(&chunk));
        bytes
    }

    /// Tells how many chunks wait.
    #[inline]
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Tells whether a read would find something: bytes, the end or an error.
    #[inline]
    pub fn is_readable(&self) -> bool {
        !self.chunks.is_empty() || self.has_ended()
    }

    /// Tells whether the end or an error has been taken in.
    #[inline]
    pub fn has_ended(&self) -> bool {
        matches!(self.end, Some(End::Eof | End::Failed(_)))
    }

    fn read_end(&mut self) -> Option<Result<()>> {
        match self.end.take_if(|end| !matches!(end, End::Reset(_)))? {
            End::Eof | End::Reset(_) => {
                self.met_end = true;
                self.end = Some(End::Eof);
                Some(Ok(()))
            }
            End::Failed(error) => {
                self.met_end = true;
                self.end = Some(End::Eof);
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn chunk(bytes: &[u8]) -> Chunk {
        let mut chunk = Chunk::standalone(bytes.len().max(1));
        chunk.storage_mut()[..bytes.len()].copy_from_slice(bytes);
        chunk.fill(bytes.len());
        chunk
    }

    #[test]
    fn bytes_come_in_order_across_chunks_and_the_end_comes_last() {
        let mut inbound = Inbound::default();
        inbound.push(chunk(b"abc"));
        inbound.push(chunk(b"def"));
        inbound.finish();
        let mut buf = [0; 4];
        assert_eq!(inbound.peek(&mut buf).unwrap().unwrap(), 4);
        assert_eq!(&buf, b"abcd");
        assert_eq!(inbound.peek(&mut [0; 9]).unwrap().unwrap(), 6, "and it is still there");
        assert_eq!(inbound.read(&mut buf).unwrap().unwrap(), 4);
        assert_eq!(&buf, b"abcd");
        inbound.push_front(b"d");
        assert_eq!(inbound.read(&mut buf).unwrap().unwrap(), 3);
        assert_eq!(&buf[..3], b"def");
        assert_eq!(inbound.read(&mut buf).unwrap().unwrap(), 0);
        assert_eq!(inbound.read(&mut buf).unwrap().unwrap(), 0);
    }

    #[test]
    fn an_error_comes_once_after_the_bytes_and_then_the_end() {
        let mut inbound = Inbound::default();
        inbound.push(chunk(b"x"));
        inbound.fail(Error::from_errno(104));
        assert_eq!(&inbound.pop().unwrap().unwrap().unwrap()[..], b"x");
        assert!(matches!(inbound.pop().unwrap().unwrap_err().kind(), ErrorKind::Io(_)));
        assert!(inbound.pop().unwrap().unwrap().is_none());
    }

    #[test]
    fn a_reset_that_a_send_met_comes_before_the_end_and_once() {
        let reset = || Error::from(crate::ErrorKind::Io(std::io::ErrorKind::ConnectionReset));
        let mut inbound = Inbound::default();
        inbound.send_met_reset(reset());
        assert!(!inbound.is_readable(), "the kernel may have bytes yet");
        inbound.push(chunk(b"x"));
        inbound.finish();
        assert_eq!(inbound.read(&mut [0; 4]).unwrap().unwrap(), 1);
        assert!(inbound.read(&mut [0; 4]).unwrap().is_err());
        assert_eq!(inbound.read(&mut [0; 4]).unwrap().unwrap(), 0);
        inbound.send_met_reset(reset());
        assert_eq!(inbound.read(&mut [0; 4]).unwrap().unwrap(), 0, "the end is the end");
        let mut inbound = Inbound::default();
        inbound.send_met_reset(reset());
        assert!(inbound.meet_end().is_err());
        assert!(inbound.meet_end().is_ok());
        inbound.send_met_reset(reset());
        assert!(inbound.meet_end().is_ok());
    }

    #[test]
    fn nothing_to_read_is_told_apart_from_the_end() {
        let mut inbound = Inbound::default();
        inbound.push(chunk(b""));
        assert!(inbound.read(&mut [0; 1]).is_none());
        assert!(inbound.pop().is_none());
        assert!(!inbound.is_readable());
    }
}
