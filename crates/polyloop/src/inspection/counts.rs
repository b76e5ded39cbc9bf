use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::lag::Lag;

/// What the loop counts as it goes.
#[derive(Default)]
pub(crate) struct Counts {
    pub(super) iterations: Cell<u64>,
    pub(super) turns: Cell<u64>,
    pub(super) wake_ups: Cell<u64>,
    pub(super) callbacks: Cell<u64>,
    pub(super) callbacks_max: Cell<u64>,
}

/// The times that are taken when asked for.
///
/// `since` is there exactly while an iteration runs what is ready; `span` is how long the loop
/// has been busy since its last turn.
#[derive(Default)]
pub(super) struct Times {
    since: Cell<Option<Instant>>,
    span: Cell<Duration>,
    pub(super) lag: RefCell<Lag>,
}

impl Counts {
    #[inline]
    pub(crate) fn count_round(&self, callbacks: usize) {
        let callbacks = callbacks as u64;
        self.iterations.set(self.iterations.get() + 1);
        self.callbacks.set(self.callbacks.get() + callbacks);
        if callbacks > self.callbacks_max.get() {
            self.callbacks_max.set(callbacks);
        }
    }

    pub(crate) fn count_turn(&self, woken: bool) {
        self.turns.set(self.turns.get() + 1);
        self.wake_ups.set(self.wake_ups.get() + u64::from(woken));
    }
}

impl Times {
    /// Ends the busy span: the loop turns its backend.
    pub(super) fn before_turn(&self) {
        self.pause();
        let span = self.span.take();
        if !span.is_zero() {
            self.lag.borrow_mut().record(span);
        }
    }

    /// Goes on with the busy span.
    pub(super) fn resume(&self) {
        self.since.set(Some(Instant::now()));
    }

    /// Stops the clock of the busy span.
    pub(super) fn pause(&self) {
        if let Some(since) = self.since.take() {
            self.span.set(self.span.get() + since.elapsed());
        }
    }
}
