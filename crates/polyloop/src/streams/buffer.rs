use polyloop_core::Chunk;

/// What was received and not read, in one piece.
///
/// It is either a chunk, as it was received, or, where a message was longer than that, joined bytes;
/// never both. Empty, it holds no memory.
#[derive(Debug, Default)]
pub(super) struct ReadBuffer {
    chunk: Option<Chunk>,
    joined: Option<Box<Joined>>,
}

/// Bytes of several chunks.
#[derive(Debug, Default)]
struct Joined {
    bytes: Vec<u8>,
    /// How much of `bytes` has been read.
    start: usize,
}

impl ReadBuffer {
    pub(super) fn as_slice(&self) -> &[u8] {
        match (&self.chunk, &self.joined) {
            (Some(chunk), _) => chunk,
            (None, Some(joined)) => &joined.bytes[joined.start..],
            (None, None) => &[],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.as_slice().len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// Adds a chunk behind what is there.
    pub(super) fn push(&mut self, chunk: Chunk) {
        if self.is_empty() {
            self.chunk = Some(chunk);
        } else {
            self.make_room(chunk.len()).extend_from_slice(&chunk);
        }
    }

    /// Gives `len` bytes of room behind what is there; what of it is filled stays.
    pub(super) fn fill<R>(&mut self, len: usize, fill: impl FnOnce(&mut [u8]) -> (usize, R)) -> R {
        let bytes = self.make_room(len);
        let before = bytes.len();
        let mut room = Room { bytes, filled: before };
        room.bytes.resize(before + len, 0);
        let (filled, result) = fill(&mut room.bytes[before..]);
        room.filled += filled;
        drop(room);
        self.consume(0);
        result
    }

    /// Drops bytes from the front.
    pub(super) fn consume(&mut self, count: usize) {
        match (&mut self.chunk, &mut self.joined) {
            (Some(chunk), _) => chunk.consume(count),
            (None, Some(joined)) => joined.start += count,
            (None, None) => {}
        }
        if self.is_empty() {
            *self = ReadBuffer::default();
        }
    }

    /// Takes bytes from the front; all of them without a copy where they are a vector.
    pub(super) fn take(&mut self, count: usize) -> Vec<u8> {
        if let Some(joined) = self.joined.take_if(|it| it.start == 0 && count == it.bytes.len()) {
            return joined.bytes;
        }
        let taken = self.as_slice()[..count].to_vec();
        self.consume(count);
        taken
    }

    /// Takes everything as a chunk, without a copy where it is one; nothing if there is nothing.
    pub(super) fn take_chunk(&mut self) -> Option<Chunk> {
        if self.is_empty() {
            return None;
        }
        self.chunk.take().or_else(|| {
            let bytes = self.as_slice();
            let mut chunk = Chunk::standalone(bytes.len());
            chunk.storage_mut().copy_from_slice(bytes);
            chunk.fill(bytes.len());
            *self = ReadBuffer::default();
            Some(chunk)
        })
    }

    /// Makes what is there a vector with room behind it.
    fn make_room(&mut self, len: usize) -> &mut Vec<u8> {
        let chunk = self.chunk.take();
        let joined = &mut **self.joined.get_or_insert_default();
        if let Some(chunk) = chunk {
            joined.bytes = Vec::with_capacity(chunk.len() + len);
            joined.bytes.extend_from_slice(&chunk);
            joined.start = 0;
        } else if joined.start > joined.bytes.len() / 2 {
            joined.bytes.drain(..joined.start);
            joined.start = 0;
        }
        joined.bytes.reserve(len);
        &mut joined.bytes
    }
}

/// Bytes with room behind them, of which only what is `filled` stays, also after a panic.
struct Room<'a> {
    bytes: &'a mut Vec<u8>,
    filled: usize,
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(bytes: &[u8]) -> Chunk {
        let mut chunk = Chunk::standalone(bytes.len());
        chunk.storage_mut().copy_from_slice(bytes);
        chunk.fill(bytes.len());
        chunk
    }

    #[test]
    fn bytes_keep_their_order_over_every_way_in_and_out() {
        let mut buffer = ReadBuffer::default();
        buffer.push(chunk(b"abc"));
        assert_eq!(buffer.take(1), b"a");
        buffer.push(chunk(b"defg"));
        assert_eq!(buffer.as_slice(), b"bcdefg");
        buffer.consume(4);
        buffer.fill(4, |room| {
            room[..2].copy_from_slice(b"hi");
            (2, ())
        });
        assert_eq!(buffer.as_slice(), b"fghi");
        assert_eq!(&buffer.take_chunk().unwrap()[..], b"fghi");
        assert!(buffer.take_chunk().is_none());
    }

    #[test]
    fn a_panic_while_it_is_filled_leaves_what_was_there() {
        let mut buffer = ReadBuffer::default();
        buffer.push(chunk(b"abc"));
        let filling = std::panic::AssertUnwindSafe(|| {
            buffer.fill(100, |room| -> (usize, ()) { panic!("{} bytes", room.len()) });
        });
        std::panic::catch_unwind(filling).unwrap_err();
        assert_eq!(buffer.as_slice(), b"abc");
    }

    #[test]
    fn an_empty_buffer_holds_no_memory() {
        let mut buffer = ReadBuffer::default();
        buffer.push(chunk(b"ab"));
        buffer.push(chunk(b"cd"));
        assert_eq!(buffer.take(3), b"abc");
        buffer.consume(1);
        assert!(buffer.is_empty() && buffer.joined.is_none() && buffer.chunk.is_none());
        buffer.fill(100, |_| (0, ()));
        assert!(buffer.joined.is_none());
    }
}
