//! Task-local values: asyncio's `contextvars`.

mod held;
mod map;
mod var;

pub(crate) use held::HeldContext;
pub use map::{Context, copy_context};
pub(crate) use map::{is_current_empty, swap_context};
pub use var::{ContextToken, ContextVar};
