//! Tasks: futures that a loop polls on their own.

mod body;
mod cell;
mod error;
mod handle;
mod hook;
mod info;
mod listeners;
mod spawn;
mod table;
mod tether;

pub(crate) use cell::TaskCell;
pub use error::TaskError;
pub use handle::{Outcome, Task, TaskCallbackId, TaskReport};
pub use hook::TaskStart;
pub use info::{TaskInfo, TaskState};
pub(crate) use info::{all, current};
pub(crate) use listeners::Listener;
pub(crate) use spawn::{Runnable, prepare, spawn};
pub(crate) use table::{AnyTask, TaskId, TaskTable};
pub(crate) use tether::{Tether, Tethered};
