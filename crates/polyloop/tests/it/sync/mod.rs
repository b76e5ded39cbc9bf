//! Locks, events, conditions, semaphores and barriers: on the loop, and step by step.

mod barriers;
mod conditions;
mod events;
mod locks;
mod permit_steps;
mod semaphores;
pub(crate) mod stepper;
mod wakers;

use proptest::test_runner::Config;

/// What fails is printed, shrunk, so nothing is written into the source tree.
pub(crate) fn random() -> Config {
    Config { failure_persistence: None, ..Config::default() }
}
