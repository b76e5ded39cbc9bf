use std::cell::Cell;

use super::{Outcome, TaskRef};

/// What there is to say about a task in a bit; how it ended is none of three until it has ended.
pub(super) struct Marks<'a>(&'a Cell<u16>);

/// A cancel was asked for, and the task has not seen it.
const CANCEL_ASKED: u16 = 1;
/// Somebody has looked at the result.
const LOOKED_AT: u16 = 2;
const FINISHED: u16 = 4;
const CANCELLED: u16 = 8;
const PANICKED: u16 = 16;
/// Something may be set in the task's context.
const HAS_CONTEXT: u16 = 32;

impl Marks<'_> {
    #[inline]
    pub(super) fn of(task: &TaskRef) -> Marks<'_> {
        Marks(task.marks())
    }

    #[inline]
    pub(super) fn outcome(&self) -> Option<Outcome> {
        match self.0.get() & (FINISHED | CANCELLED | PANICKED) {
            0 => None,
            FINISHED => Some(Outcome::Finished),
            CANCELLED => Some(Outcome::Cancelled),
            _ => Some(Outcome::Panicked),
        }
    }

    /// Notes how the task ended, once.
    #[inline]
    pub(super) fn set_outcome(&self, outcome: Outcome) {
        debug_assert!(self.outcome().is_none(), "a task ends once");
        self.set(match outcome {
            Outcome::Finished => FINISHED,
            Outcome::Cancelled => CANCELLED,
            Outcome::Panicked => PANICKED,
        });
    }

    pub(super) fn ask_cancel(&self) {
        self.set(CANCEL_ASKED);
    }

    /// Tells whether a cancel was asked for since this was last called.
    #[inline]
    pub(super) fn take_cancel(&self) -> bool {
        let marks = self.0.get();
        if marks & CANCEL_ASKED == 0 {
            return false;
        }
        self.0.set(marks & !CANCEL_ASKED);
        true
    }

    pub(super) fn note_context(&self) {
        self.set(HAS_CONTEXT);
    }

    /// Tells whether something may be set in the task's context; if not, nothing is.
    #[inline]
    pub(super) fn may_have_context(&self) -> bool {
        self.0.get() & HAS_CONTEXT != 0
    }

    pub(super) fn look(&self) {
        self.set(LOOKED_AT);
    }

    #[inline]
    fn set(&self, mark: u16) {
        self.0.set(self.0.get() | mark);
    }
}

/// Tells of the marks that a task had in the end whether somebody had looked at the result.
pub(super) fn say_looked_at(marks: u16) -> bool {
    marks & LOOKED_AT != 0
}
