//! What the examples share, so that each shows only its own lesson.
#![forbid(unsafe_code)]

mod arguments;
mod available;
mod exit;

pub use arguments::Arguments;
pub use available::available_backends;
pub use exit::exit;
