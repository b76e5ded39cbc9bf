use std::cell::{Cell, OnceCell};
use std::task::Waker;

use polyloop_core::{Buffer, Error, TimerId};

use super::marks::Marks;
use crate::wakers::{Place, Wakers};

/// What is on its way out of a wire.
///
/// `in_flight` bytes are in `sends` ops of the backend. `tail` holds what came after them and does
/// not fill a piece yet; it is there only while a send is in flight, so small writes share pieces
/// and none waits for another write. `paused` follows the marks. The first error stays.
#[derive(Default)]
pub(super) struct Outgoing {
    pub(super) paused: Cell<bool>,
    /// No more is written; the peer reads to the end.
    pub(super) eof_written: Cell<bool>,
    /// That waits for the end of the layer's handshake.
    pub(super) eof_waits: Cell<bool>,
    pub(super) failure_is_news: Cell<bool>,
    /// Bytes went through, in either direction, since [`Wire::count_quiet`](super::Wire::count_quiet) was
    /// last called.
    pub(super) active: Cell<bool>,
    rare: OnceCell<Box<Rare>>,
    /// Who waits for the low mark, or for nothing to be left.
    pub(super) drains: Wakers,
}

/// What few wires have: marks of their own, an error, more on its way than the loop takes at once, a
/// layer that says its end. It stays with them then.
#[derive(Default)]
struct Rare {
    in_flight: Cell<usize>,
    sends: Cell<usize>,
    tail: Cell<Option<Buffer>>,
    marks: Cell<Marks>,
    error: Cell<Option<Error>>,
    /// Until when the wire waits for the peer's end before it closes.
    lingers: Cell<Option<TimerId>>,
    /// Where the task waits that writes by the traits of futures-io.
    writer: Place,
}

impl Outgoing {
    /// Tells whether nothing is before a write.
    pub(super) fn is_idle(&self) -> bool {
        self.rare.get().is_none_or(|rare| rare.sends.get() == 0 && rare.in_tail() == 0)
    }

    /// Counts the bytes that the kernel has not taken.
    pub(super) fn outstanding(&self) -> usize {
        self.rare.get().map_or(0, |rare| rare.in_flight.get() + rare.in_tail())
    }

    /// Tells how many sends are in flight.
    pub(super) fn sends(&self) -> usize {
        self.rare.get().map_or(0, |rare| rare.sends.get())
    }

    /// Counts a send of so many bytes.
    pub(super) fn begin_send(&self, len: usize) {
        let rare = self.rare();
        rare.sends.set(rare.sends.get() + 1);
        rare.in_flight.set(rare.in_flight.get() + len);
    }

    /// Counts a send off that has ended and was of so many bytes.
    pub(super) fn end_send(&self, len: usize) {
        let rare = self.rare();
        let sends = rare.sends.get() - 1;
        rare.sends.set(sends);
        // A ring that is lost gives buffers back empty.
        let in_flight = if sends == 0 { 0 } else { rare.in_flight.get().saturating_sub(len) };
        rare.in_flight.set(in_flight);
    }

    /// Takes what does not fill a piece.
    pub(super) fn take_tail(&self) -> Option<Buffer> {
        self.rare.get()?.tail.take()
    }

    pub(super) fn set_tail(&self, tail: Buffer) {
        self.rare().tail.set(Some(tail));
    }

    pub(super) fn marks(&self) -> Marks {
        self.rare.get().map_or(Marks::DEFAULT, |rare| rare.marks.get())
    }

    pub(super) fn set_marks(&self, marks: Marks) {
        self.rare().marks.set(marks);
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

    pub(super) fn lingers(&self) -> Option<TimerId> {
        self.rare.get().and_then(|rare| rare.lingers.get())
    }

    pub(super) fn set_lingers(&self, timer: Option<TimerId>) {
        if timer.is_some() || self.rare.get().is_some() {
            self.rare().lingers.set(timer);
        }
    }

    /// Has who writes by the traits of futures-io wait in the place that is kept for it.
    pub(super) fn add_writer(&self, waker: &Waker) {
        self.drains.add(&self.rare().writer, waker);
    }

    /// Gives that place up.
    pub(super) fn leave_writer(&self) {
        if let Some(rare) = self.rare.get() {
            self.drains.leave(&rare.writer);
        }
    }

    /// Keeps why writing failed, of which there is nothing yet.
    pub(super) fn set_error(&self, error: Error) {
        self.rare().error.set(Some(error));
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

    fn rare(&self) -> &Rare {
        self.rare.get_or_init(Box::default)
    }
}

impl Rare {
    fn in_tail(&self) -> usize {
        let tail = self.tail.take();
        let len = tail.as_ref().map_or(0, Buffer::len);
        self.tail.set(tail);
        len
    }
}
