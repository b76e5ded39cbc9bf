//! What the examples share, so that each shows only its own lesson.
#![forbid(unsafe_code)]

mod arguments;
mod available;
mod exit;
mod serve;

pub use arguments::Arguments;
pub use available::available_backends;
pub use exit::exit;
pub use serve::{announce, run_group, run_server, serve_each, serve_on_loops};
