//! The loop itself, where there is io_uring.

mod accept;
mod attempt;
mod breakdown;
mod ending;
mod exit;
mod factory;
mod fork_guard;
mod guest;
mod hang_up;
mod kernel;
mod landing;
mod lane;
mod own_request;
mod pauses;
mod poll;
mod receive;
mod record;
mod resource;
mod send_file;
mod soon;
mod submission;
mod subscription;
mod teardown;
mod turning;
mod uring_loop;
mod wake;

pub use factory::{UringFactory, build, factory};
pub use kernel::{Setup, Step, Submitted};
pub use uring_loop::UringLoop;
