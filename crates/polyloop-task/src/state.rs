use std::cell::Cell;

/// Where a task is in its life, and what is in its stage; of its own thread.
///
/// | | queued | running | ended |
/// |---|---|---|---|
/// | waiting | | | |
/// | in the queue | x | | |
/// | being polled | | x | |
/// | being polled, woken meanwhile | x | x | |
/// | has its output, or panicked | | | x |
///
/// The stage is the body, until `OUTPUT` says that it is the output, or `EMPTY` that it is neither.
#[derive(Debug)]
pub(crate) struct State(Cell<u8>);

/// In its loop's queue, or to be put there after this poll. Set by a wake-up, cleared by a poll.
const QUEUED: u8 = 1;
/// Its body is being polled or dropped, so nobody else may touch it.
const RUNNING: u8 = 2;
/// Its body is never touched again but to be dropped. Never cleared.
const ENDED: u8 = 4;
/// It is in a `TaskQueue`, and its link is to the next one there. Set and cleared by that.
const LINKED: u8 = 8;
/// The stage is the output. Set once, before `ENDED`; cleared when it is taken.
const OUTPUT: u8 = 16;
/// The stage is nothing: the body is being dropped or was, or the output was taken. It excludes `OUTPUT`.
const EMPTY: u8 = 32;
/// Somebody looks at the output, which stays there meanwhile. Only with `OUTPUT`.
const LOOKED_AT: u8 = 64;

/// What a wake-up comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WakeUp {
    /// Who woke the task puts it into the queue.
    Queue,
    /// Nothing is to be done: it is queued, or will be after this poll, or it has ended.
    Done,
}

/// What is in a task's stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Inside {
    Body,
    Output,
    Nothing,
}

impl State {
    pub(crate) fn new() -> State {
        State(Cell::new(0))
    }

    #[inline]
    pub(crate) fn is_ended(&self) -> bool {
        self.has(ENDED)
    }

    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.has(RUNNING)
    }

    /// Tells whether it was woken and has not been polled since.
    #[inline]
    pub(crate) fn is_queued(&self) -> bool {
        self.0.get() & (QUEUED | ENDED) == QUEUED
    }

    /// Notes a wake-up.
    #[inline]
    pub(crate) fn wake(&self) -> WakeUp {
        let state = self.0.get();
        if state & (QUEUED | ENDED) != 0 {
            return WakeUp::Done;
        }
        self.0.set(state | QUEUED);
        if state & RUNNING != 0 { WakeUp::Done } else { WakeUp::Queue }
    }

    /// Begins a poll, which is then the only one; false if there may be none.
    #[inline]
    pub(crate) fn begin(&self) -> bool {
        let state = self.0.get();
        if state & (RUNNING | ENDED) != 0 {
            return false;
        }
        self.0.set(state & !QUEUED | RUNNING);
        true
    }

    /// Ends a poll that was not the last; true if the task was woken meanwhile and is to be queued.
    #[inline]
    pub(crate) fn pause(&self) -> bool {
        let state = self.0.get() & !RUNNING;
        self.0.set(state);
        state & QUEUED != 0
    }

    /// Ends the last poll.
    #[inline]
    pub(crate) fn end(&self) {
        self.0.set(self.0.get() & !(QUEUED | RUNNING) | ENDED);
    }

    #[inline]
    pub(crate) fn is_linked(&self) -> bool {
        self.has(LINKED)
    }

    #[inline]
    pub(crate) fn link(&self) {
        self.0.set(self.0.get() | LINKED);
    }

    #[inline]
    pub(crate) fn unlink(&self) {
        self.0.set(self.0.get() & !LINKED);
    }

    #[inline]
    pub(crate) fn inside(&self) -> Inside {
        match self.0.get() & (OUTPUT | EMPTY) {
            0 => Inside::Body,
            OUTPUT => Inside::Output,
            _ => Inside::Nothing,
        }
    }

    /// Notes what is in the stage from now on.
    #[inline]
    pub(crate) fn set_inside(&self, inside: Inside) {
        let bits = match inside {
            Inside::Body => 0,
            Inside::Output => OUTPUT,
            Inside::Nothing => EMPTY,
        };
        self.0.set(self.0.get() & !(OUTPUT | EMPTY) | bits);
    }

    /// Notes that the output was taken.
    #[inline]
    pub(crate) fn empty(&self) {
        self.set_inside(Inside::Nothing);
    }

    /// Tells whether there is an output, and whether it may be taken.
    #[inline]
    pub(crate) fn may_take(&self) -> bool {
        self.0.get() & (ENDED | OUTPUT | LOOKED_AT) == ENDED | OUTPUT
    }

    /// Tells whether there is an output to look at.
    #[inline]
    pub(crate) fn may_look(&self) -> bool {
        self.0.get() & (ENDED | OUTPUT) == ENDED | OUTPUT
    }

    /// Notes that somebody looks at the output; gives whether somebody does already.
    pub(crate) fn begin_look(&self) -> bool {
        let state = self.0.replace(self.0.get() | LOOKED_AT);
        state & LOOKED_AT != 0
    }

    pub(crate) fn end_look(&self) {
        self.0.set(self.0.get() & !LOOKED_AT);
    }

    #[inline]
    fn has(&self, bit: u8) -> bool {
        self.0.get() & bit != 0
    }
}
