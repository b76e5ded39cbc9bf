//! The portable backend of polyloop, over the [polling](https://docs.rs/polling) crate: epoll,
//! kqueue, event ports and poll(2) on Unix, completion ports on Windows.
//!
//! It is edge-triggered where `polling` is (epoll, kqueue), else one-shot: armed again, at one
//! more call, each time that something waits.
//!
//! # What a wait costs
//!
//! On Linux five system calls, whatever it finds: `polling` sets a timerfd, renews its interest in
//! it, waits (`epoll_pwait`), reads its eventfd and renews its interest in that. Its interface
//! offers no cheaper wait, so the loop only keeps to one a turn; the timerfd gives timeouts the
//! resolution of nanoseconds. On kqueue a wait is one call, and one more where the notification is
//! a pipe. On Windows it is one, and a device control for each socket that is armed.
//!
//! # Platform notes
//!
//! There is a guest descriptor where `polling` has one: epoll, kqueue and event ports; not with
//! poll(2), and not on Windows. Pipes and other handles than sockets cannot be waited for
//! on Windows.
//!
//! A multishot poll on a one-shot system is told again in every turn while its readiness lasts.

#![deny(unsafe_code)]

mod selector;
mod sys;

pub use selector::{PollingLoop, PollingSelector, build, build_one_shot};

use polyloop_core::{FnFactory, LoopFactory};

/// The name of this backend.
pub const NAME: &str = "polling";

/// Gives the factory of this backend's loops.
///
/// ```
/// # fn main() -> polyloop_core::Result<()> {
/// use polyloop_core::{LoopConfig, LoopFactory};
///
/// let events = polyloop_polling::factory().build(&LoopConfig::default())?;
/// assert_eq!(events.capabilities().backend(), "polling");
/// # Ok(())
/// # }
/// ```
pub fn factory() -> impl LoopFactory + Clone {
    FnFactory::new(NAME, |config| Ok(Box::new(build(config)?)))
}
