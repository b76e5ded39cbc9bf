use std::io;

use polyloop_core::{Chunk, Pool};

use super::buffer_ring::BufferRing;
use super::{Completed, Kernel};

/// The chunks that the kernel receives into.
impl Kernel {
    /// Publishes chunks for receives, making the buffer ring at the first call.
    ///
    /// Tells whether the kernel has any chunk to receive into.
    ///
    /// # Errors
    ///
    /// What the kernel answered when it refused the buffer ring.
    pub(crate) fn publish(&mut self, pool: &mut Pool) -> io::Result<bool> {
        if self.buffers.is_none() {
            *self.buffers = Some(BufferRing::new(&self.ring.submitter())?);
        }
        let buffers = self.buffers.as_mut().expect("made above");
        buffers.refill(pool);
        Ok(buffers.published() > 0)
    }

    /// Publishes chunks in place of those that were filled.
    pub(crate) fn refill(&mut self, pool: &mut Pool) {
        if let Some(buffers) = self.buffers.as_mut() {
            buffers.refill(pool);
        }
    }

    /// Tells how many chunks are published.
    pub(crate) fn published(&self) -> usize {
        self.buffers.as_ref().map_or(0, BufferRing::published)
    }

    /// Takes out the chunk that was filled, if one was.
    #[inline]
    pub(crate) fn take_chunk(&mut self, completed: Completed) -> Option<Chunk> {
        let id = completed.buffer()?;
        let len = usize::try_from(completed.answer).unwrap_or(0);
        self.buffers.as_mut()?.take(id, len)
    }
}
