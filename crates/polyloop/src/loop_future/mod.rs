//! A result that somebody will set: asyncio's `Future`.

mod cell;
mod error;
mod handle;

pub use error::{FutureError, InvalidStateError};
pub use handle::{FutureCallbackId, LoopFuture};
