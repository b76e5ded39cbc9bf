//! Task-local values: asyncio's `contextvars`.

mod map;
mod var;

pub(crate) use map::swap_context;
pub use map::{Context, copy_context};
pub use var::{ContextToken, ContextVar};
