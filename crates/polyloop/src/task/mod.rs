//! Tasks: futures that a loop polls on their own.

pub(crate) mod awaited;
mod body;
mod cell;
mod error;
mod handle;
mod hook;
mod info;
mod listeners;
mod name;
mod spawn;
mod table;
mod tether;
mod trace;
mod waits_for;

pub(crate) use awaited::{Awaited, BundleId};
pub(crate) use cell::TaskCell;
pub use error::TaskError;
pub use handle::{Outcome, Task, TaskCallbackId, TaskReport};
pub use hook::TaskStart;
pub use info::{TaskInfo, TaskState};
pub(crate) use info::{all, current};
pub(crate) use listeners::Listener;
pub(crate) use spawn::{Runnable, prepare, spawn, spawn_at};
pub(crate) use table::{AnyTask, TaskKey, TaskTable};
pub(crate) use tether::{Tether, Tethered};
pub use waits_for::WaitsFor;
