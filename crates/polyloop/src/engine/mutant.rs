//! Ways to break the order, for the test that shows that the order tests notice. Without the
//! feature `__mutants` none is ever on, and nothing of this is left in the compiled loop.

use super::{Engine, Ready};

/// A loop with one rule broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(not(feature = "__mutants"), allow(unreachable_pub, reason = "the feature exports it"))]
pub enum Mutant {
    /// What is ready runs last in, first out.
    LastInFirstOut,
    /// What is queued in an iteration runs in it.
    NoSnapshot,
    /// Timers become ready before what the backend completed.
    TimersBeforeCompletions,
    /// Timers of one time run in the reverse of their order.
    TiesReversed,
    /// A sleeper runs in the iteration in which it is due, not in the next.
    SleepersAtOnce,
}

/// How many more rounds a loop without snapshots runs in one iteration, so that it still ends.
const ROUNDS_WITHOUT_SNAPSHOT: usize = 1000;

impl Engine {
    /// Turns round what is ready, for the loop that runs the last in first.
    pub(super) fn reverse_ready(&self) {
        let mut all: Vec<Ready> = std::iter::from_fn(|| self.ready.pop()).collect();
        while let Some(last) = all.pop() {
            self.ready.push(last);
        }
    }

    /// Runs what the iteration queued, for the loop without snapshots.
    pub(super) fn run_on(self: &std::rc::Rc<Self>) {
        for _ in 0..ROUNDS_WITHOUT_SNAPSHOT {
            let count = self.ready.begin_round();
            self.run_round();
            self.count_round(count);
        }
    }
}

#[cfg(not(feature = "__mutants"))]
mod hook {
    #[inline]
    pub(crate) const fn is_mutant(_: super::Mutant) -> bool {
        false
    }
}

#[cfg(feature = "__mutants")]
mod hook {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        static MUTANT: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    pub(crate) fn is_mutant(mutant: Mutant) -> bool {
        MUTANT.get() == Some(mutant)
    }

    /// Breaks the loops of this thread, or mends them.
    pub fn set_mutant(mutant: Option<Mutant>) {
        MUTANT.set(mutant);
    }
}

pub(crate) use hook::is_mutant;
#[cfg(feature = "__mutants")]
pub use hook::set_mutant;
