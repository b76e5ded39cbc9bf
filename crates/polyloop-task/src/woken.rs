use std::fmt;

use crate::cell::Raw;
use crate::local_waker;
use crate::{Record, TaskRef};

/// A task that was woken on another thread, on its way to its own.
///
/// Dropping it on the way loses the wake-up, and all that come after; so that is for tasks whose loop is gone.
pub struct Woken<R: Record> {
    /// Counted in `memory`.
    raw: Raw<R>,
}

// SAFETY: away from the task's thread only the memory's count and what never changes are touched; the
// record and the body are reached on that thread alone, where `is_here` says so.
unsafe impl<R: Record> Send for Woken<R> {}

impl<R: Record> Woken<R> {
    /// Takes over a keeper's part.
    ///
    /// # Safety
    ///
    /// The caller has had one counted for this.
    pub(crate) unsafe fn counted(raw: Raw<R>) -> Woken<R> {
        Woken { raw }
    }

    /// Wakes the task, on its own thread; on another it is given back.
    ///
    /// # Errors
    ///
    /// Itself, where this is not the task's thread.
    pub fn wake(self) -> Result<(), Woken<R>> {
        // SAFETY: this keeps the memory.
        let header = unsafe { self.raw.header() };
        if !header.is_here() {
            return Err(self);
        }
        header.post.receive();
        // SAFETY: this is the task's thread, and this keeps the memory.
        unsafe { local_waker::wake(self.raw) }
        Ok(())
    }

    /// Gives the task, on its own thread, unless nobody has it any more.
    pub fn task(&self) -> Option<TaskRef<R>> {
        // SAFETY: this keeps the memory.
        let header = unsafe { self.raw.header() };
        if !header.is_here() || !header.is_alive() {
            return None;
        }
        // SAFETY: this is the task's thread, and it is alive, so there is a `TaskRef`.
        unsafe { self.raw.add_strong() }
        // SAFETY: it was counted just now.
        Some(unsafe { TaskRef::counted(self.raw) })
    }
}

impl<R: Record> Drop for Woken<R> {
    fn drop(&mut self) {
        // SAFETY: this is a keeper, and ends here.
        unsafe { self.raw.release() }
    }
}

impl<R: Record> fmt::Debug for Woken<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Woken")
    }
}
