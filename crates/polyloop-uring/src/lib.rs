//! polyloop's io_uring backend.
//!
//! [`UringLoop`] is an [`EventLoop`](polyloop_core::EventLoop) whose ops the Linux kernel does by
//! itself: they are batched within a turn, and one system call submits them and waits.
//! [`UringLoop::submitted`] counts what the ring was given, opcode by opcode, so that a native
//! route can be proved native.
//!
//! # How it is built
//!
//! `kernel` owns the ring and says what the kernel may touch: all unsafe code about memory is
//! there, behind safe types. What an op owns is *held* from the push of its entry to its last
//! completion; dropping a holder earlier leaks it. Above it there is only safe code: `lane`
//! keeps the order of one direction of a resource, `receive` and `accept` are the two machines of
//! multishot ops, `ending` closes and detaches.
//!
//! # Platform notes
//!
//! Linux 5.11 is the oldest kernel that is accepted; multishot receives want 6.0, and without
//! them the stream is polled and the reader receives directly. On other systems the crate
//! compiles, and [`factory`] refuses with the reason.
//!
//! Sockets, listeners and pipes are opened at once, files by the ring; descriptors are closed by
//! dropping them, once no entry of the ring uses them. Pipes are watched by polling.

#[cfg(target_os = "linux")]
mod accept;
#[cfg(target_os = "linux")]
mod attempt;
#[cfg(target_os = "linux")]
mod breakdown;
#[cfg(target_os = "linux")]
mod ending;
#[cfg(target_os = "linux")]
mod factory;
#[cfg(target_os = "linux")]
mod fork_guard;
#[cfg(target_os = "linux")]
mod guest;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod landing;
#[cfg(target_os = "linux")]
mod lane;
#[cfg(target_os = "linux")]
mod pipe;
#[cfg(target_os = "linux")]
mod poll;
#[cfg(target_os = "linux")]
mod receive;
#[cfg(target_os = "linux")]
mod record;
#[cfg(target_os = "linux")]
mod resource;
#[cfg(target_os = "linux")]
mod submission;
#[cfg(target_os = "linux")]
mod teardown;
#[cfg(target_os = "linux")]
mod turning;
#[cfg(target_os = "linux")]
mod uring_loop;
#[cfg(target_os = "linux")]
mod wake;

#[cfg(target_os = "linux")]
pub use factory::{UringFactory, build, factory};
#[cfg(target_os = "linux")]
pub use kernel::{Setup, Step, Submitted};
#[cfg(target_os = "linux")]
pub use uring_loop::UringLoop;

#[cfg(not(target_os = "linux"))]
mod refusal;
#[cfg(not(target_os = "linux"))]
pub use refusal::{UringFactory, UringLoop, build, factory};
