//! polyloop's io_uring backend.
//!
//! [`UringLoop`] is an [`EventLoop`](polyloop_core::EventLoop) whose ops the Linux kernel does by
//! itself: they are batched within a turn, and one system call submits them and waits.
//! [`UringLoop::submitted`] counts what the ring was given, opcode by opcode, so that a native
//! route can be proved native.
//!
//! # How it is built
//!
//! All of it is in the module `linux`. `kernel` owns the ring and says what the kernel may touch: all unsafe code about memory is
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
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{Setup, Step, Submitted, UringFactory, UringLoop, build, factory};

#[cfg(not(target_os = "linux"))]
mod refusal;
#[cfg(not(target_os = "linux"))]
pub use refusal::{UringFactory, UringLoop, build, factory};
