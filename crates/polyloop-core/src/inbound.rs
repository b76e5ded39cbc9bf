use std::collections::VecDeque;

use crate::{Chunk, Error, Result};

/// What a loop has received ahead for one stream and nobody has read: chunks in order, then
/// perhaps the end.
///
/// Between calls no chunk in here is empty, and nothing is taken in after the end. There are later
/// chunks only behind a first one, and an error exactly while `end` is one with it. A stream that was
/// never ahead by more than a chunk holds no memory besides. It is pure machinery: which backend fills
/// it, and when, is not its business.
#[derive(Debug, Default)]
pub struct Inbound {
    first: Option<Chunk>,
    more: Option<Box<More>>,
    end: End,
    /// The reader has met the end, or the error.
    met_end: bool,
}

/// What few streams have at a time. It stays for the next who is ahead.
#[derive(Debug, Default)]
struct More {
    later: VecDeque<Chunk>,
    error: Option<Error>,
}

impl More {
    /// Takes the first chunk out and puts the next in its place.
    fn next_behind(&mut self, first: &mut Option<Chunk>) -> Option<Chunk> {
        std::mem::replace(first, self.later.pop_front())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum End {
    #[default]
    NotYet,
    /// A send has met a reset, and the kernel will tell the reader of an end in order.
    Reset,
    Eof,
    Failed,
}

// A loop has one of these for each of its resources.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Inbound>() <= 24);

impl Inbound {
    /// Takes a received chunk in at the back; an empty one is dropped.
    #[inline]
    pub fn push(&mut self, chunk: Chunk) {
        debug_assert!(!self.has_ended(), "bytes after the end of a stream");
        if chunk.is_empty() {
            return;
        }
        match self.first {
            None => self.first = Some(chunk),
            Some(_) => self.more.get_or_insert_default().later.push_back(chunk),
        }
    }

    /// Takes a received chunk in where nothing is to be read; gives it back otherwise, and if it is empty.
    #[inline]
    pub fn push_first(&mut self, chunk: Chunk) -> Result<(), Chunk> {
        if self.is_readable() || chunk.is_empty() {
            return Err(chunk);
        }
        self.first = Some(chunk);
        Ok(())
    }

    /// Puts bytes that were read back to the front.
    pub fn push_front(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut chunk = Chunk::standalone(bytes.len());
        chunk.storage_mut().copy_from_slice(bytes);
        chunk.fill(bytes.len());
        if let Some(first) = self.first.replace(chunk) {
            self.more.get_or_insert_default().later.push_front(first);
        }
    }

    /// Notes that the stream has ended; the reader learns it after all bytes, again and again.
    #[inline]
    pub fn finish(&mut self) {
        self.end = match self.end {
            End::NotYet => End::Eof,
            End::Reset => End::Failed,
            end => end,
        };
    }

    /// Notes that the stream has failed; the reader learns it after all bytes, once, and then
    /// finds the end.
    #[inline]
    pub fn fail(&mut self, error: Error) {
        if matches!(self.end, End::NotYet | End::Reset) {
            self.end_with(End::Failed, error);
        }
    }

    /// Notes that a send has failed by a reset of the connection.
    ///
    /// Kernels tell of it once, to whoever comes first; where they tell the reader of an end in
    /// order then, it learns of the reset first. It is for who read of the end already no news.
    pub fn send_met_reset(&mut self, error: Error) {
        if self.met_end {
            return;
        }
        match self.end {
            End::NotYet => self.end_with(End::Reset, error),
            End::Eof => self.end_with(End::Failed, error),
            End::Failed | End::Reset => {}
        }
    }

    /// Notes that the reader itself has met the end with the kernel.
    ///
    /// # Errors
    ///
    /// The reset that a send has met, once.
    #[inline]
    pub fn meet_end(&mut self) -> Result<()> {
        self.met_end = true;
        if self.end != End::Reset {
            return Ok(());
        }
        self.end = End::NotYet;
        self.take_error().map_or(Ok(()), Err)
    }

    /// Reads into `buf` what there is: `None` if nothing, else as a non-blocking read would.
    #[inline]
    pub fn read(&mut self, buf: &mut [u8]) -> Option<Result<usize>> {
        if self.first.is_none() {
            return self.read_end().map(|end| end.map(|()| 0));
        }
        let mut count = 0;
        while let Some(chunk) = &mut self.first {
            let step = chunk.len().min(buf.len() - count);
            buf[count..count + step].copy_from_slice(&chunk[..step]);
            count += step;
            if step < chunk.len() {
                chunk.consume(step);
                break;
            }
            self.take_first();
        }
        Some(Ok(count))
    }

    /// Copies what [`read`](Self::read) would give, without taking it; an error is taken.
    pub fn peek(&mut self, buf: &mut [u8]) -> Option<Result<usize>> {
        if self.first.is_none() {
            return self.read_end().map(|end| end.map(|()| 0));
        }
        let mut count = 0;
        for chunk in self.iter() {
            let step = chunk.len().min(buf.len() - count);
            buf[count..count + step].copy_from_slice(&chunk[..step]);
            count += step;
        }
        Some(Ok(count))
    }

    /// Takes the first chunk; `None` if there is none, also at the end.
    #[inline]
    pub fn pop_chunk(&mut self) -> Option<Chunk> {
        self.take_first()
    }

    /// Takes the first chunk: `None` if there is nothing, an inner `None` at the end.
    #[inline]
    pub fn pop(&mut self) -> Option<Result<Option<Chunk>>> {
        match self.take_first() {
            Some(chunk) => Some(Ok(Some(chunk))),
            None => self.read_end().map(|end| end.map(|()| None)),
        }
    }

    /// Takes all bytes out, for who gets the handle back.
    #[inline]
    pub fn take_bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.iter().map(|chunk| chunk.len()).sum());
        while let Some(chunk) = self.take_first() {
            bytes.extend_from_slice(&chunk);
        }
        bytes
    }

    /// Tells how many chunks wait.
    #[inline]
    pub fn chunks(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.as_ref().map_or(0, |more| more.later.len())
    }

    /// Tells whether a read would find something: bytes, the end or an error.
    #[inline]
    pub fn is_readable(&self) -> bool {
        self.first.is_some() || self.has_ended()
    }

    /// Tells whether the end or an error has been taken in.
    #[inline]
    pub fn has_ended(&self) -> bool {
        matches!(self.end, End::Eof | End::Failed)
    }

    fn iter(&self) -> impl Iterator<Item = &Chunk> {
        self.first.iter().chain(self.more.iter().flat_map(|more| &more.later))
    }

    #[inline]
    fn take_first(&mut self) -> Option<Chunk> {
        match &mut self.more {
            None => self.first.take(),
            Some(more) => more.next_behind(&mut self.first),
        }
    }

    fn read_end(&mut self) -> Option<Result<()>> {
        match self.end {
            End::NotYet | End::Reset => return None,
            End::Eof => {}
            End::Failed => {
                (self.end, self.met_end) = (End::Eof, true);
                return self.take_error().map(Err);
            }
        }
        self.met_end = true;
        Some(Ok(()))
    }

    fn end_with(&mut self, end: End, error: Error) {
        self.end = end;
        self.more.get_or_insert_default().error = Some(error);
    }

    fn take_error(&mut self) -> Option<Error> {
        self.more.as_mut()?.error.take()
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
