//! Groups: tasks that end together, and whose errors are told together.

mod child;
mod exception_group;
mod membership;
mod run;
mod task_group;

pub use exception_group::ExceptionGroup;
pub use task_group::{GroupClosed, TaskGroup};
