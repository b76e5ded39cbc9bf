use std::cell::{Cell, RefCell};

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
    pub(super) sends: Cell<usize>,
    pub(super) in_flight: Cell<usize>,
    pub(super) tail: RefCell<Option<Buffer>>,
    pub(super) marks: Cell<Marks>,
    pub(super) paused: Cell<bool>,
    pub(super) error: RefCell<Option<Error>>,
    /// Who waits for the low mark, or for nothing to be left.
    pub(super) drains: Wakers,
}

impl Outgoing {
    /// Tells whether nothing is before a write.
    pub(super) fn is_idle(&self) -> bool {
        self.sends.get() == 0 && self.tail.borrow().is_none()
    }

    /// Counts the bytes that the kernel has not taken.
    pub(super) fn outstanding(&self) -> usize {
        self.in_flight.get() + self.tail.borrow().as_ref().map_or(0, Buffer::len)
    }

    /// Compares with the marks; tells whether the writer may now go on who had to pause.
    pub(super) fn settle(&self, outstanding: usize) -> bool {
        let marks = self.marks.get();
        if !self.paused.get() {
            self.paused.set(outstanding > marks.high);
            return false;
        }
        let resumes = outstanding <= marks.low;
        self.paused.set(!resumes);
        resumes
    }
}
