//! Threads for what would block a loop.

mod handle;
#[cfg(all(test, loom))]
mod loom_models;
mod loop_side;
mod pool;
mod thread_task;

pub use handle::Executor;
pub(crate) use loop_side::DefaultExecutor;
pub use loop_side::to_thread;
pub use thread_task::ThreadTask;
