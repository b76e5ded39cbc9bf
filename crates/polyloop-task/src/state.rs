use std::cell::Cell;

/// Where a task is in its life; of its own thread.
///
/// | | queued | running | ended |
/// |---|---|---|---|
/// | waiting | | | |
/// | in the queue | x | | |
/// | being polled | | x | |
/// | being polled, woken meanwhile | x | x | |
/// | has its output, or panicked | | | x |
#[derive(Debug)]
pub(crate) struct State(Cell<u8>);

/// In its loop's queue, or to be put there after this poll. Set by a wake-up, cleared by a poll.
const QUEUED: u8 = 1;
/// Its body is being polled or dropped, so nobody else may touch it.
const RUNNING: u8 = 2;
/// Its body is never touched again but to be dropped. Never cleared.
const ENDED: u8 = 4;

/// What a wake-up comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WakeUp {
    /// Who woke the task puts it into the queue.
    Queue,
    /// Nothing is to be done: it is queued, or will be after this poll, or it has ended.
    Done,
}

impl State {
    pub(crate) fn new() -> State {
        State(Cell::new(0))
    }

    #[inline]
    pub(crate) fn is_ended(&self) -> bool {
        self.0.get() & ENDED != 0
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
        if self.0.get() & (RUNNING | ENDED) != 0 {
            return false;
        }
        self.0.set(RUNNING);
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
        self.0.set(ENDED);
    }
}
