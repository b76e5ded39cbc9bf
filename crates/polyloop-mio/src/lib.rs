//! The epoll and kqueue backend of polyloop, over the [mio](https://docs.rs/mio) crate.
//!
//! Edge-triggered. A wait is one system call (`epoll_wait`, `kevent`), and nothing else is needed
//! before or after it, whether it times out, is woken or finds events. On Linux it is `epoll_pwait2`
//! on mio's descriptor, whose timeout is in nanoseconds. Where the kernel does not know that (before
//! 5.11), and with epoll elsewhere, mio's own wait hands epoll a timeout in whole milliseconds, rounded
//! up: a turn ends up to a millisecond after its deadline, and not before it.
//!
//! # Platform notes
//!
//! Linux, Android, illumos (epoll), the BSDs and Apple's systems (kqueue). Elsewhere the crate
//! compiles and building a loop is a refusal: on Windows mio registers only sockets that it
//! made itself, and on the systems where it uses poll(2) or event ports it is not edge-triggered
//! for others' descriptors.

#![deny(unsafe_code)]

mod sys;

pub use sys::MioLoop;

use polyloop_core::{FnFactory, LoopConfig, LoopFactory, Result};

/// The name of this backend.
pub const NAME: &str = "mio";

/// Gives the factory of this backend's loops.
///
/// ```
/// # fn main() -> polyloop_core::Result<()> {
/// use polyloop_core::{LoopConfig, LoopFactory};
///
/// let events = polyloop_mio::factory().build(&LoopConfig::default())?;
/// assert_eq!(events.capabilities().backend(), "mio");
/// # Ok(())
/// # }
/// ```
pub fn factory() -> impl LoopFactory + Clone {
    FnFactory::new(NAME, |config| Ok(Box::new(build(config)?)))
}

/// Makes a loop on this thread.
///
/// # Errors
///
/// Of kind [`Refused`](polyloop_core::ErrorKind::Refused) where mio cannot watch descriptors of
/// others; otherwise what the operating system answered.
pub fn build(config: &LoopConfig) -> Result<MioLoop> {
    sys::build(config)
}
