use std::cell::Cell;

use super::{Outcome, TaskKey};

/// A task's key and what there is to say about it in a bit, in one word, because every task has it.
///
/// The key is above the bits; how the task ended is none of its three until it has ended.
pub(super) struct Marks(Cell<u64>);

/// A cancel was asked for, and the task has not seen it.
const CANCEL_ASKED: u64 = 1;
/// Somebody has looked at the result.
const LOOKED_AT: u64 = 2;
const FINISHED: u64 = 4;
const CANCELLED: u64 = 8;
const PANICKED: u64 = 16;
const KEY_SHIFT: u32 = 8;

impl Marks {
    /// # Panics
    ///
    /// After 2^56 tasks of a loop, which take centuries to make.
    #[inline]
    pub(super) fn new(key: TaskKey) -> Marks {
        assert!(key.0 >> (u64::BITS - KEY_SHIFT) == 0, "a loop makes fewer than 2^56 tasks");
        Marks(Cell::new(key.0 << KEY_SHIFT))
    }

    #[inline]
    pub(super) fn key(&self) -> TaskKey {
        TaskKey(self.0.get() >> KEY_SHIFT)
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

    pub(super) fn look(&self) {
        self.set(LOOKED_AT);
    }

    pub(super) fn is_looked_at(&self) -> bool {
        self.0.get() & LOOKED_AT != 0
    }

    #[inline]
    fn set(&self, mark: u64) {
        self.0.set(self.0.get() | mark);
    }
}
