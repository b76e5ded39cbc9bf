use std::fmt;
use std::rc::Rc;

use polyloop_core::Result;

use super::extra_info::ExtraInfo;
use crate::wire::{Marks, Wire};

/// The writing end of a stream: asyncio's `StreamWriter`.
///
/// [`write`](Self::write) never waits: what the system does not take at once is kept and sent
/// when it does. [`drain`](Self::drain) waits while much is kept, and tells what went wrong;
/// call it after writing, or a slow peer has the program hold everything. Dropping the writer sends
/// what was written and ends this direction; the connection closes with the reader.
pub struct StreamWriter {
    wire: Rc<Wire>,
}

impl StreamWriter {
    pub(super) fn of(wire: Rc<Wire>) -> StreamWriter {
        StreamWriter { wire }
    }

    /// Writes all of it, without waiting.
    ///
    /// It cannot fail: errors are told by [`drain`](Self::drain). What is written after the
    /// connection has failed or was closed is dropped; writing after
    /// [`write_eof`](Self::write_eof) is such an error.
    pub fn write(&self, bytes: &[u8]) {
        self.wire.write(bytes);
    }

    /// Writes several pieces as one, as [`write`](Self::write) does.
    pub fn writelines<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) {
        self.wire.write_all(pieces);
    }

    /// Waits until no more than the low mark is kept, if it is more than the high one.
    ///
    /// # Errors
    ///
    /// Why writing failed, such as *broken pipe*: now or before, every time.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: what was written goes out all the same.
    pub fn drain(&self) -> impl Future<Output = Result<()>> {
        self.wire.drain()
    }

    /// Ends this direction after what was written: the peer reads to the end. The other
    /// direction goes on.
    pub fn write_eof(&self) {
        self.wire.write_eof();
    }

    /// Tells whether this direction can end on its own. That of every stream here can.
    pub const fn can_write_eof(&self) -> bool {
        true
    }

    /// Closes the connection, both directions, after what was written; nothing more is read.
    ///
    /// This happens however long the peer takes; [`abort`](Self::abort) hurries it.
    pub fn close(&self) {
        self.wire.close();
    }

    /// Closes the connection at once; what was written and not sent is lost.
    pub fn abort(&self) {
        self.wire.abort();
    }

    /// Tells whether the connection is closed or being closed from this side.
    pub fn is_closing(&self) -> bool {
        self.wire.is_closing()
    }

    /// Waits until the connection is closed, by this side.
    ///
    /// # Errors
    ///
    /// Why writing failed, if it did.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the connection closes all the same.
    pub async fn wait_closed(&self) -> Result<()> {
        self.wire.wait_closed().await
    }

    /// Sets the water marks of [`drain`](Self::drain), in bytes: it waits when more than the high one
    /// is kept, until it is no more than the low one. One that is not given follows from the other;
    /// the defaults are 64 KiB and a quarter of the high one.
    ///
    /// # Panics
    ///
    /// If the low one is above the high one.
    pub fn set_write_buffer_limits(
        &self,
        high: impl Into<Option<usize>>,
        low: impl Into<Option<usize>>,
    ) {
        self.wire.set_marks(Marks::new(high.into(), low.into()));
    }

    /// Gives the water marks: the low one and the high one, in bytes.
    pub fn write_buffer_limits(&self) -> (usize, usize) {
        let Marks { high, low } = self.wire.marks();
        (low, high)
    }

    /// Counts the bytes that are kept.
    pub fn write_buffer_size(&self) -> usize {
        self.wire.outstanding()
    }

    /// Tells about the connection: addresses, options.
    pub fn extra_info(&self) -> ExtraInfo {
        ExtraInfo::of(self.wire.clone())
    }

    pub(crate) fn wire(&self) -> &Rc<Wire> {
        &self.wire
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        self.wire.leave_writer();
        if !self.wire.drop_half() {
            self.wire.write_eof();
        }
    }
}

impl fmt::Debug for StreamWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamWriter({:?}, {} bytes to send)", self.wire, self.wire.outstanding())
    }
}
