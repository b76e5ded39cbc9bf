use std::fmt;
use std::io::IoSlice;

/// An owned buffer that an op holds while the kernel may touch it.
///
/// Its storage is always initialised, so no length that a backend reports can expose memory
/// that was never written. A receive fills the storage from its start and sets the length; a
/// send takes what is filled. The storage lives on the heap and does not move with the buffer.
///
/// Between calls, `len <= storage.len()`, and the storage's length is its capacity.
#[derive(Default)]
pub struct Buffer {
    storage: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// Makes an empty buffer with `capacity` bytes of zeroed storage.
    #[inline]
    pub fn with_capacity(capacity: usize) -> Buffer {
        Buffer { storage: vec![0; capacity], len: 0 }
    }

    /// Gives the whole storage, filled or not, to write into.
    #[inline]
    pub fn storage_mut(&mut self) -> &mut [u8] {
        &mut self.storage
    }

    /// Declares the first `len` bytes of the storage filled.
    ///
    /// # Panics
    ///
    /// If `len` exceeds the capacity.
    #[inline]
    pub fn set_len(&mut self, len: usize) {
        assert!(len <= self.storage.len(), "length {len} exceeds {}", self.storage.len());
        self.len = len;
    }

    /// Declares nothing filled; the storage stays.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Fills up to the capacity from `bytes` behind what is filled, and tells how much fitted.
    #[inline]
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.storage.len() - self.len);
        self.storage[self.len..self.len + count].copy_from_slice(&bytes[..count]);
        self.len += count;
        count
    }

    /// Fills up to the capacity from several slices, one behind the other, and tells how much fitted.
    #[inline]
    pub fn append_slices(&mut self, slices: &[IoSlice<'_>]) -> usize {
        slices.iter().map(|slice| self.append(slice)).sum()
    }

    /// Gives the filled bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        &self.storage[..self.len]
    }

    /// Gives the filled bytes as a vector, keeping the allocation.
    #[inline]
    pub fn into_vec(mut self) -> Vec<u8> {
        self.storage.truncate(self.len);
        self.storage
    }

    /// Tells how many bytes are filled.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether nothing is filled.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Tells how many bytes fit.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.storage.len()
    }
}

/// Filled with the vector's bytes; spare capacity of the vector is not used.
impl From<Vec<u8>> for Buffer {
    #[inline]
    fn from(bytes: Vec<u8>) -> Buffer {
        Buffer { len: bytes.len(), storage: bytes }
    }
}

/// Filled with a copy of the bytes.
impl From<&[u8]> for Buffer {
    #[inline]
    fn from(bytes: &[u8]) -> Buffer {
        bytes.to_vec().into()
    }
}

/// Equal if the same bytes are filled; storage that is not does not count.
impl PartialEq for Buffer {
    #[inline]
    fn eq(&self, other: &Buffer) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Buffer {}

impl std::ops::Deref for Buffer {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} of {})", self.len, self.storage.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn append_stops_at_the_capacity() {
        let mut buffer = Buffer::with_capacity(4);
        assert_eq!(buffer.append(b"abc"), 3);
        assert_eq!(buffer.append(b"def"), 1);
        assert_eq!(&buffer[..], b"abcd");
        assert_eq!(buffer.into_vec(), b"abcd");
    }

    #[test]
    fn slices_are_appended_in_order_as_far_as_they_fit() {
        let mut buffer = Buffer::with_capacity(4);
        let slices = [&b"ab"[..], b"", b"cde", b"f"].map(IoSlice::new);
        assert_eq!(buffer.append_slices(&slices), 4);
        assert_eq!(&buffer[..], b"abcd");
    }

    #[test]
    fn only_what_is_filled_is_compared() {
        let (mut roomy, mut used) = (Buffer::with_capacity(9), Buffer::with_capacity(4));
        used.storage_mut().fill(7);
        assert_eq!(roomy, used, "nothing is filled in either");
        roomy.append(b"ab");
        assert_eq!(roomy, Buffer::from(&b"ab"[..]));
        assert_ne!(roomy, Buffer::from(&b"abc"[..]));
    }

    #[test]
    #[should_panic(expected = "length 5 exceeds 4")]
    fn a_length_beyond_the_storage_is_refused() {
        Buffer::with_capacity(4).set_len(5);
    }
}
