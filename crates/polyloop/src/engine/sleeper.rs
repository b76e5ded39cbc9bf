//! Who waits for a timer.

use std::task::Waker;

use crate::task::LocalWaker;

/// Who is woken when a timer is due: a task of this thread by a waker that touches no atomic, anybody else by theirs.
pub(crate) enum Sleeper {
    Task(LocalWaker),
    Other(Waker),
}

impl Sleeper {
    #[inline]
    pub(crate) fn of(waker: &Waker) -> Sleeper {
        match LocalWaker::of(waker) {
            Some(task) => Sleeper::Task(task),
            None => Sleeper::Other(waker.clone()),
        }
    }

    #[inline]
    pub(super) fn wake(self) {
        match self {
            Sleeper::Task(task) => task.wake(),
            Sleeper::Other(waker) => waker.wake(),
        }
    }

    #[inline]
    pub(super) fn will_wake(&self, waker: &Waker) -> bool {
        match self {
            Sleeper::Task(task) => task.will_wake(waker),
            Sleeper::Other(other) => other.will_wake(waker),
        }
    }
}
