//! Waiting for time to pass, and giving up when it has.

mod interval;
mod sleep;
mod timeout;
mod timeout_scope;

pub use interval::{Interval, MissedTicks, interval, interval_at};
pub use sleep::{Sleep, sleep, sleep_until, yield_now};
pub use timeout::{TimedOut, Timeout, timeout, timeout_at, wait_for};
pub use timeout_scope::{TimeoutHandle, timeout_scope, timeout_scope_at};
