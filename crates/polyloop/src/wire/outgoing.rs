use std::cell::{Cell, OnceCell};

use polyloop_core::{Buffer, Error};

use super::marks::Marks;
use crate::wakers::Wakers;

/// What is on its way out of a wire.
///
/// `in_flight` bytes are in `sends` ops of the backend. `tail` holds what came after them and does
/// not fill a piece yet; it is there only while a send is in flight, so small writes share pieces
/// and none waits for another write. `paused` follows the marks. The first error stays.
#[derive(Default)]
pub(super) struct Outgoing {
    pub(super) in_flight: Cell<usize>,
    pub(super) tail: Cell<Option<Buffer>>,
    pub(super) sends: Cell<u32>,
    pub(super) paused: Cell<bool>,
    rare: OnceCell<Box<Rare>>,
    /// Who waits for the low mark, or for nothing to be left.
    pub(super) drains: Wakers,
}

/// What few wires have.
#[derive(Default)]
struct Rare {
    marks: Cell<Marks>,
    error: Cell<Option<Error>>,
}

impl Outgoing {
    /// Tells whether nothing is before a write.
    pub(super) fn is_idle(&self) -> bool {
        self.sends.get() == 0 && self.in_tail() == 0
    }

    pub(super) fn marks(&self) -> Marks {
        self.rare.get().map_or(Marks::DEFAULT, |rare| rare.marks.get())
    }

    pub(super) fn set_marks(&self, marks: Marks) {
        self.rare.get_or_init(Box::default).marks.set(marks);
    }

    /// Gives why writing failed, or nothing.
    pub(super) fn error(&self) -> Option<Error> {
        let kept = &self.rare.get()?.error;
        let error = kept.take();
        kept.set(error.clone());
        error
    }

    #[inline]
    pub(super) fn has_failed(&self) -> bool {
        self.rare.get().is_some_and(|rare| {
            let error = rare.error.take();
            let has_failed = error.is_some();
            rare.error.set(error);
            has_failed
        })
    }

    /// Keeps why writing failed, of which there is nothing yet.
    pub(super) fn set_error(&self, error: Error) {
        self.rare.get_or_init(Box::default).error.set(Some(error));
    }

    /// Counts the bytes that the kernel has not taken.
    pub(super) fn outstanding(&self) -> usize {
        self.in_flight.get() + self.in_tail()
    }

    fn in_tail(&self) -> usize {
        let tail = self.tail.take();
        let len = tail.as_ref().map_or(0, Buffer::len);
        self.tail.set(tail);
        len
    }

    /// Compares with the marks; tells whether the writer may now go on who had to pause.
    pub(super) fn settle(&self, outstanding: usize) -> bool {
        let marks = self.marks();
        if !self.paused.get() {
            self.paused.set(outstanding > marks.high);
            return false;
        }
        let resumes = outstanding <= marks.low;
        self.paused.set(!resumes);
        resumes
    }
}
