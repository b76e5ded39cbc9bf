//! Waiting for several tasks, and for tasks that outlive who waits.

mod as_completed;
mod deadline;
mod ends;
mod joinable;
mod shield;
mod wait;

pub use as_completed::{AsCompleted, NextCompleted, as_completed, as_completed_tasks};
pub use deadline::AsCompletedBy;
pub(crate) use ends::{Ends, Until};
pub(crate) use joinable::gave_err;
pub use joinable::{Joinable, TryJoinable};
pub use shield::{Shield, shield};
pub use wait::{ReturnWhen, Wait, Waited, try_wait, wait};
