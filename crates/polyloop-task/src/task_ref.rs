use std::cell::Cell;
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;
use std::task::{Context, Waker};

use crate::cell::{Header, Raw};
use crate::state::WakeUp;
use crate::{Home, LocalWaker, Record, waker};

/// A reference to a task, which keeps its record and its body or output. A clone is the same task.
///
/// It reads as the task's record.
pub struct TaskRef<R: Record> {
    /// Counted in `strong`. A raw address is not `Send`, so this is the task's thread.
    raw: Raw<R>,
}

impl<R: Record> TaskRef<R> {
    /// Takes over the duty for a reference.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and the caller has had one counted for this.
    #[inline]
    pub(crate) unsafe fn counted(raw: Raw<R>) -> TaskRef<R> {
        TaskRef { raw }
    }

    /// Names the loop.
    #[inline]
    pub fn home(&self) -> Home {
        self.header().home
    }

    /// Gives a number that is the loop's own, to know the task's place by; zero at first.
    ///
    /// It is not in the record because here is room for it, and so for [`marks`](TaskRef::marks).
    #[inline]
    pub fn place(&self) -> &Cell<u32> {
        &self.header().place
    }

    /// Gives bits that are the loop's own; zero at first.
    #[inline]
    pub fn marks(&self) -> &Cell<u16> {
        &self.header().marks
    }

    /// Gives the loop's note about the task; nothing while that is in a [`TaskQueue`](crate::TaskQueue), from
    /// which it comes with a new one.
    #[inline]
    pub fn note(&self) -> Option<R::Note> {
        // SAFETY: this is a `TaskRef`, on its task's thread.
        unsafe { self.raw.note() }
    }

    /// Changes the note; that of a task in a queue is none.
    #[inline]
    pub fn set_note(&self, note: R::Note) {
        // SAFETY: this is a `TaskRef`, on its task's thread.
        unsafe { self.raw.set_note(note) }
    }

    /// Tells whether the task is being polled or abandoned.
    #[inline]
    pub fn is_running(&self) -> bool {
        self.header().state.is_running()
    }

    /// Tells whether the task was woken on its thread and has not been polled since.
    #[inline]
    pub fn is_queued(&self) -> bool {
        self.header().state.is_queued()
    }

    /// Tells whether the task has its output, or has panicked.
    #[inline]
    pub fn is_ended(&self) -> bool {
        self.header().state.is_ended()
    }

    /// Wakes the task, as its wakers do.
    #[inline]
    pub fn wake(&self) {
        if self.header().state.wake() == WakeUp::Queue {
            R::ready(self.clone());
        }
    }

    /// Polls the task, unless it has ended or is being polled; gives it back if it has its output now.
    #[inline]
    pub fn run(self) -> Option<TaskRef<R>> {
        if !self.header().state.begin() {
            return None;
        }
        let unwinding = EndInUnwinding(&self);
        let waker = self.borrowed_waker();
        // SAFETY: a `TaskRef` is on its task's thread; `begin` let this in, and nobody else.
        let has_ended = unsafe { self.raw.poll(&self, &mut Context::from_waker(&waker)) };
        mem::forget(unwinding);
        if has_ended {
            self.end();
            return Some(self);
        }
        if self.header().state.pause() {
            R::ready(self);
        }
        None
    }

    /// Ends the task without polling it again; false if it has ended or is being polled.
    pub fn abandon(&self) -> bool {
        if !self.header().state.begin() {
            return false;
        }
        let unwinding = EndInUnwinding(self);
        // SAFETY: as in `run`.
        unsafe { self.raw.abandon(self) }
        mem::forget(unwinding);
        self.end();
        true
    }

    /// Makes a waker that can go anywhere.
    pub fn waker(&self) -> Waker {
        (*self.borrowed_waker()).clone()
    }

    /// Makes a waker that stays on this thread.
    #[inline]
    pub fn local_waker(&self) -> LocalWaker<R> {
        // SAFETY: this is a `TaskRef`, on its task's thread.
        unsafe { self.raw.add_local() }
        // SAFETY: it was counted just now.
        unsafe { LocalWaker::counted(self.raw) }
    }

    /// Tells whether two references are to the same task.
    pub fn is(&self, other: &TaskRef<R>) -> bool {
        self.raw == other.raw
    }

    #[inline]
    pub(crate) fn raw(&self) -> Raw<R> {
        self.raw
    }

    #[inline]
    pub(crate) fn is_linked(&self) -> bool {
        self.header().state.is_linked()
    }

    #[inline]
    pub(crate) fn header(&self) -> &Header<R> {
        // SAFETY: this reference keeps the memory for as long as it is borrowed.
        unsafe { self.raw.header() }
    }

    /// Gives a waker that is not counted: to be lent out while this reference is there.
    #[inline]
    fn borrowed_waker(&self) -> ManuallyDrop<Waker> {
        // SAFETY: it is not dropped, so not counted down; what is cloned of it is counted, and
        // meanwhile this reference keeps the memory.
        ManuallyDrop::new(unsafe { waker::counted(self.raw) })
    }

    #[inline]
    fn end(&self) {
        let header = self.header();
        header.state.end();
        header.post.close();
        R::ended(self);
    }
}

/// Ends a task whose body panics: it is not polled again, and has no output.
struct EndInUnwinding<'a, R: Record>(&'a TaskRef<R>);

impl<R: Record> Drop for EndInUnwinding<'_, R> {
    fn drop(&mut self) {
        let header = self.0.header();
        header.state.end();
        header.post.close();
    }
}

impl<R: Record> Deref for TaskRef<R> {
    type Target = R;

    #[inline]
    fn deref(&self) -> &R {
        // SAFETY: this is a `TaskRef`, on its task's thread, for as long as it is borrowed.
        unsafe { self.raw.record() }
    }
}

impl<R: Record> Clone for TaskRef<R> {
    #[inline]
    fn clone(&self) -> Self {
        // SAFETY: this is a `TaskRef`, on its task's thread.
        unsafe { self.raw.add_strong() }
        TaskRef { raw: self.raw }
    }
}

impl<R: Record> Drop for TaskRef<R> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this is a `TaskRef`, on its task's thread, and ends here.
        unsafe { self.raw.drop_strong() }
    }
}

impl<R: Record> fmt::Debug for TaskRef<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskRef({:?})", self.header().state)
    }
}

impl<R: Record> AsRef<TaskRef<R>> for TaskRef<R> {
    fn as_ref(&self) -> &TaskRef<R> {
        self
    }
}
