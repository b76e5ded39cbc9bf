//! Task-local values: asyncio's `contextvars`.

mod map;
mod var;

pub use map::{Context, copy_context};
pub(crate) use map::{is_current_empty, swap_context};
pub use var::{ContextToken, ContextVar};
