//! The ring, and what the kernel may touch.
//!
//! The rule of this module: an entry that names memory or a descriptor is pushed only from a
//! [`Held`], which owns both, and which gives neither out nor drops it before the completion
//! without the *more* flag has been read.

mod buffer_ring;
mod encode;
mod encode_file;
mod held;
mod kernel_ring;
mod message;
mod setup;
mod socket_name;
mod status;
mod submitted;

pub(crate) use encode::Request;
pub(crate) use held::{Held, Progress, Work};
pub(crate) use kernel_ring::{Entered, Kernel, Landed, Wait};
pub use setup::{Setup, Step};
pub use submitted::Submitted;
