//! Tasks: futures that a loop polls on their own.

mod body;
mod cell;
mod error;
mod handle;
mod spawn;
mod table;

pub use error::TaskError;
pub use handle::{Outcome, Task, TaskCallbackId, TaskReport};
pub(crate) use spawn::{Runnable, spawn};
pub(crate) use table::{AnyTask, TaskId, TaskTable};
