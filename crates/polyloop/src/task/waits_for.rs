use std::fmt;

use polyloop_core::{Key, OpKind, Time};

use super::TaskInfo;

/// What a task waits for.
///
/// Where a task waits for several things at once, by a `select` or `join` of another crate's, it is
/// the one that was polled last. A timeout names what it limits.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum WaitsFor {
    /// The next iteration: it yielded, or has spent its budget of ops.
    Turn,
    /// A time on the loop's clock.
    Timer {
        /// When the wait ends.
        deadline: Time,
    },
    /// An op of the loop's.
    Op {
        /// Which.
        kind: OpKind,
        /// On which socket or other resource; an open has none yet.
        key: Option<Key>,
    },
    /// The end of another task.
    Task(TaskInfo),
    /// The end of one or all of several tasks (a gather, a group, a wait): those that still run.
    Tasks(Vec<TaskInfo>),
    /// A future that does not say, such as another crate's channel.
    Other,
}

impl fmt::Display for WaitsFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaitsFor::Turn => f.write_str("the next iteration"),
            WaitsFor::Timer { deadline } => {
                write!(f, "a timer at {:?}", deadline.since(Time::ZERO))
            }
            WaitsFor::Op { kind, key: Some(key) } => write!(f, "{} on {key:?}", kind.name()),
            WaitsFor::Op { kind, key: None } => f.write_str(kind.name()),
            WaitsFor::Task(task) => write!(f, "task {}", task.name()),
            WaitsFor::Tasks(tasks) => {
                write!(f, "{} tasks", tasks.len())?;
                for (index, task) in tasks.iter().enumerate() {
                    write!(f, "{} {}", if index == 0 { ":" } else { "," }, task.name())?;
                }
                Ok(())
            }
            WaitsFor::Other => f.write_str("something else"),
        }
    }
}
