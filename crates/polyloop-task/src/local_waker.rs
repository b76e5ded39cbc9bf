use std::fmt;
use std::task::Waker;

use crate::cell::Raw;
use crate::state::WakeUp;
use crate::{Record, TaskRef, waker};

/// Wakes a task on its own thread. It keeps the memory of the task and nothing in it.
pub struct LocalWaker<R: Record> {
    /// Counted in `local`. A raw address is not `Send`, so this is the task's thread.
    raw: Raw<R>,
}

impl<R: Record> LocalWaker<R> {
    /// Takes over the duty for one.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and the caller has had one counted for this.
    #[inline]
    pub(crate) unsafe fn counted(raw: Raw<R>) -> LocalWaker<R> {
        LocalWaker { raw }
    }

    /// Makes one of a waker, if that is of a task with such a record, of this thread.
    #[inline]
    pub fn of(waker: &Waker) -> Option<LocalWaker<R>> {
        let raw = waker::task_of::<R>(waker)?;
        // SAFETY: the waker keeps the memory for as long as it is borrowed.
        let header = unsafe { raw.header() };
        // Where there is no reference to the task any more, there is nothing to wake.
        if !header.is_here() || !header.is_alive() {
            return None;
        }
        // SAFETY: this is the task's thread, and it is alive, so there is a `TaskRef`.
        unsafe { raw.add_local() }
        // SAFETY: it was counted just now.
        Some(unsafe { LocalWaker::counted(raw) })
    }

    /// Tells whether a waker is of the same task.
    #[inline]
    pub fn will_wake(&self, waker: &Waker) -> bool {
        waker::task_of::<R>(waker).is_some_and(|raw| raw == self.raw)
    }

    /// Wakes the task.
    #[inline]
    pub fn wake(&self) {
        // SAFETY: this keeps the memory and is on the task's thread.
        unsafe { wake(self.raw) }
    }

    /// Tells whether it wakes that task.
    #[inline]
    pub fn wakes(&self, task: &TaskRef<R>) -> bool {
        self.raw == task.raw()
    }
}

impl<R: Record> Drop for LocalWaker<R> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this is a `LocalWaker`, on its task's thread, and ends here.
        unsafe { self.raw.drop_local() }
    }
}

impl<R: Record> fmt::Debug for LocalWaker<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalWaker")
    }
}

/// Wakes a task.
///
/// # Safety
///
/// This is the task's thread, and somebody keeps the memory.
#[inline]
pub(crate) unsafe fn wake<R: Record>(raw: Raw<R>) {
    // SAFETY: the memory is kept, by the caller's word.
    let header = unsafe { raw.header() };
    if header.is_alive() && header.state.wake() == WakeUp::Queue {
        // SAFETY: it is alive, so there is a `TaskRef`, and this is its thread.
        unsafe { raw.add_strong() }
        // SAFETY: it was counted just now.
        R::ready(unsafe { TaskRef::counted(raw) });
    }
}
