use std::cell::Cell;
use std::fmt;

use crate::cell::Raw;
use crate::{Record, TaskRef};

/// Tasks in a row, first in, first out, each linked to the next: a queue that takes no memory of its own.
///
/// A task is in one queue at a time, and has no note meanwhile ([`TaskRef::note`]).
///
/// Between calls every task from `first` on is linked, the last of them is `last`, and `len` is how many they are.
/// The queue has a reference to each.
pub struct TaskQueue<R: Record> {
    first: Cell<Option<Raw<R>>>,
    last: Cell<Option<Raw<R>>>,
    len: Cell<usize>,
}

impl<R: Record> TaskQueue<R> {
    /// Makes an empty queue.
    pub const fn new() -> TaskQueue<R> {
        TaskQueue { first: Cell::new(None), last: Cell::new(None), len: Cell::new(0) }
    }

    /// Puts a task at the end; one that is in a queue already stays where it is.
    #[inline]
    pub fn push(&self, task: TaskRef<R>) {
        let raw = task.raw();
        if task.is_linked() {
            return stay(task);
        }
        // The queue takes the reference over.
        std::mem::forget(task);
        let last = self.last.replace(Some(raw));
        // SAFETY: it is not sent anywhere, so this is its thread, and the queue has a reference to it.
        unsafe { raw.link() }
        match last {
            // SAFETY: as above, and the last one is linked.
            Some(last) => unsafe { last.set_next(raw) },
            None => self.first.set(Some(raw)),
        }
        self.len.set(self.len.get() + 1);
    }

    /// Takes the first task.
    #[inline]
    pub fn pop(&self) -> Option<TaskRef<R>> {
        if self.is_empty() {
            return None;
        }
        // Making one is the user's code: it may panic, and it may change this queue.
        let note = R::Note::default();
        let raw = self.first.get()?;
        // SAFETY: it is not sent anywhere, so this is its thread; it is linked, and the queue has a
        // reference to it.
        let next = unsafe { raw.unlink(note) };
        self.first.set(next);
        if next.is_none() {
            self.last.set(None);
        }
        self.len.set(self.len.get() - 1);
        // SAFETY: this is the queue's reference, which it has no more.
        Some(unsafe { TaskRef::counted(raw) })
    }

    /// Puts all tasks of another queue behind those of this one.
    #[inline]
    pub fn append(&self, other: &TaskQueue<R>) {
        let Some(first) = other.first.take() else { return };
        match self.last.replace(other.last.take()) {
            // SAFETY: as in `push`; both are linked.
            Some(last) => unsafe { last.set_next(first) },
            None => self.first.set(Some(first)),
        }
        // In this order, should both be the same queue.
        let others = other.len.replace(0);
        self.len.set(self.len.get() + others);
    }

    /// Tells how many tasks there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Tells whether there is no task.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }
}

/// Lets go of a reference to a task that stays in the queue where it is. Out of the way, because it is rare.
#[cold]
fn stay<R: Record>(task: TaskRef<R>) {
    drop(task);
}

impl<R: Record> Default for TaskQueue<R> {
    fn default() -> Self {
        TaskQueue::new()
    }
}

impl<R: Record> Drop for TaskQueue<R> {
    fn drop(&mut self) {
        while let Some(task) = self.pop() {
            drop(task);
        }
    }
}

impl<R: Record> fmt::Debug for TaskQueue<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskQueue({} tasks)", self.len())
    }
}
