//! Tasks: futures that a loop polls on their own.

pub(crate) mod awaited;
mod body;
mod error;
mod handle;
mod hook;
mod info;
mod listeners;
mod marks;
mod record;
mod spawn;
mod table;
mod tether;
mod trace;
mod waits_for;

pub(crate) use awaited::{Awaited, BundleId};
pub use error::TaskError;
pub use handle::{Outcome, Task, TaskCallbackId, TaskReport};
pub use hook::TaskStart;
pub use info::{TaskInfo, TaskState};
pub(crate) use info::{all, current};
pub(crate) use listeners::Listener;
pub(crate) use record::AnyTask;
pub(crate) use spawn::{prepare, spawn, spawn_at};
pub(crate) use table::{TaskKey, TaskTable};
pub(crate) use tether::{Tether, Tethered};
pub use waits_for::WaitsFor;

/// A task, whatever it gives: a reference to its record that can wake and run it.
pub(crate) type TaskRef = polyloop_task::TaskRef<record::TaskRecord>;

/// A task that gives a `T`.
pub(crate) type TaskCell<T> = polyloop_task::OutputRef<Result<T, TaskError>, record::TaskRecord>;

/// A reference to a task that gives a `T`, which can look at what it gave.
pub(crate) type TaskOnlooker<T> = polyloop_task::Onlooker<Result<T, TaskError>, record::TaskRecord>;

/// Wakes a task on its own thread.
pub(crate) type LocalWaker = polyloop_task::LocalWaker<record::TaskRecord>;

/// A queue of tasks, which takes no memory but theirs.
pub(crate) type TaskQueue = polyloop_task::TaskQueue<record::TaskRecord>;

/// A task that was woken on another thread, on its way home.
pub(crate) type WokenTask = polyloop_task::Woken<record::TaskRecord>;
