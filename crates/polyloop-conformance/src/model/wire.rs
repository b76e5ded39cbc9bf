use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use polyloop_core::{Error, Key, Result};

use crate::sys::errno;

/// One direction of a stream or a pipe: bounded bytes on their way from a writer to a reader.
///
/// `ended` and `broken` come to the reader after all bytes, `broken` first and once.
#[derive(Debug)]
pub(super) struct Wire {
    bytes: VecDeque<u8>,
    /// The writer sends no more.
    ended: bool,
    /// The writer reset the connection.
    broken: bool,
    /// The reader is gone: writing fails.
    abandoned: bool,
    /// Whom to look at when bytes or the end come; nobody yet while not accepted.
    pub(super) reader: Option<Key>,
    /// Whom to look at when room comes.
    pub(super) writer: Option<Key>,
}

/// A wire is held by its two ends.
pub(super) type SharedWire = Rc<RefCell<Wire>>;

/// What a wire holds at most: what a kernel's socket buffer is about.
const CAPACITY: usize = 64 * 1024;

/// A write below this waits for room, as pipes and sockets do not take bytes one by one.
const ROOM_MIN: usize = 4096;

impl Wire {
    pub(super) fn new() -> SharedWire {
        Rc::new(RefCell::new(Wire {
            bytes: VecDeque::new(),
            ended: false,
            broken: false,
            abandoned: false,
            reader: None,
            writer: None,
        }))
    }

    /// Takes what fits; nothing if none does.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<Option<usize>> {
        if self.abandoned || self.ended {
            return Err(Error::from_errno(errno::BROKEN_PIPE));
        }
        if !self.is_writable() {
            return Ok(None);
        }
        let count = bytes.len().min(CAPACITY - self.bytes.len());
        self.bytes.extend(&bytes[..count]);
        Ok(Some(count))
    }

    /// Takes all, whatever there is room for; only a flaw does that.
    pub(super) fn force(&mut self, bytes: &[u8]) -> usize {
        self.bytes.extend(bytes);
        bytes.len()
    }

    /// Gives what is there: bytes, zero at the end, nothing if the reader has to wait.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> Result<Option<usize>> {
        if !self.bytes.is_empty() {
            let count = buf.len().min(self.bytes.len());
            let (front, back) = self.bytes.as_slices();
            let split = count.min(front.len());
            buf[..split].copy_from_slice(&front[..split]);
            buf[split..count].copy_from_slice(&back[..count - split]);
            self.bytes.drain(..count);
            return Ok(Some(count));
        }
        if std::mem::take(&mut self.broken) {
            self.ended = true;
            return Err(Error::from_errno(errno::CONNECTION_RESET));
        }
        Ok(self.ended.then_some(0))
    }

    /// The writer sends no more.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// The writer is gone without reading what it was sent.
    pub(super) fn reset(&mut self) {
        self.broken = !self.ended;
    }

    /// Makes a reset an end in order; only a flaw does that.
    pub(super) fn forget_reset(&mut self) {
        self.ended |= std::mem::take(&mut self.broken);
    }

    /// The reader is gone.
    pub(super) fn abandon(&mut self) {
        self.abandoned = true;
    }

    /// Loses what is on its way; only a flaw does that.
    pub(super) fn lose_bytes(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn has_bytes(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// Tells whether a read would find something.
    pub(super) fn is_readable(&self) -> bool {
        self.has_bytes() || self.ended || self.broken
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended || self.broken
    }

    /// Tells whether a write would find room, or fail.
    pub(super) fn is_writable(&self) -> bool {
        self.abandoned || self.ended || CAPACITY - self.bytes.len() >= ROOM_MIN
    }
}
