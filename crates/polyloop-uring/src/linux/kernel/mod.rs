//! The ring, and what the kernel may touch.
//!
//! The rule of this module: an entry that names memory is pushed only from a [`Held`], which owns it
//! with the descriptor, and which gives neither out nor drops it before the completion without the
//! *more* flag has been read; or from one of the [`SoonSends`], which keep their buffers as long; or it
//! takes published chunks, which all stay as long. An entry of a mere descriptor touches no memory.

mod buffer_ring;
mod chunks;
mod completed;
mod encode;
mod encode_file;
mod ending_sends;
mod entrance;
mod eventfd;
mod held;
mod kernel_ring;
mod message;
mod setup;
mod socket_name;
mod soon_sends;
mod spares;
mod status;
mod submitted;

pub(crate) use completed::Completed;
pub(crate) use encode::{Request, raw_fd};
pub(crate) use entrance::{Entered, Wait};
pub(crate) use held::{Held, Progress, Work};
pub(crate) use kernel_ring::{Kernel, Landed};
pub use setup::{Setup, Step};
pub(crate) use soon_sends::{SOON, SoonSends};
pub(crate) use spares::Spares;
pub use submitted::Submitted;
