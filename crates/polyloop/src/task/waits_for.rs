use std::fmt;
use std::panic::Location;

use polyloop_core::{Key, OpKind, Time};

use super::{Awaited, TaskInfo};

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
    /// The children of a [`scope`](crate::scope); how many still run.
    Children(usize),
    /// A task of another loop.
    OtherLoop,
    /// Its turn at a [`Lock`](crate::sync::Lock).
    Lock,
    /// A permit of a semaphore.
    Permit,
    /// An [`Event`](crate::sync::Event) that is not set.
    Event,
    /// A notification of a [`Condition`](crate::sync::Condition).
    Notification,
    /// The other parties of a [`Barrier`](crate::sync::Barrier).
    Barrier,
    /// An item of a queue.
    QueueItem,
    /// A place for an item in a queue that is full.
    QueuePlace,
    /// The end of the work on a queue's items.
    QueueJoin,
    /// A [`LoopFuture`](crate::LoopFuture) that nobody has set yet.
    Future {
        /// Where in the program the future was made.
        created_at: &'static Location<'static>,
    },
    /// A closure on a thread of an executor.
    Thread,
    /// The end of an executor's threads.
    Shutdown,
    /// The end of a process.
    Process {
        /// Its number.
        pid: u32,
    },
    /// A signal.
    Signal,
    /// The end of a [`Server`](crate::Server), or of its connections.
    Server,
    /// For what was written to a stream to be sent ([`drain`](crate::StreamWriter::drain), or a
    /// flush).
    Drain,
    /// The end of a connection that is being closed.
    Close,
    /// A future that does not say, such as another crate's channel.
    Other,
}

impl WaitsFor {
    /// Gives what is awaited where that is no task of this loop.
    pub(crate) fn no_task(awaited: Awaited) -> WaitsFor {
        match awaited {
            Awaited::Unknown | Awaited::Bundle(_) => WaitsFor::Other,
            Awaited::Turn => WaitsFor::Turn,
            Awaited::Timer(deadline) => WaitsFor::Timer { deadline },
            Awaited::Op(kind, key) => WaitsFor::Op { kind, key },
            Awaited::Children(count) => WaitsFor::Children(count),
            Awaited::Task(..) | Awaited::OtherLoop => WaitsFor::OtherLoop,
            Awaited::Lock => WaitsFor::Lock,
            Awaited::Permit => WaitsFor::Permit,
            Awaited::Event => WaitsFor::Event,
            Awaited::Notification => WaitsFor::Notification,
            Awaited::Barrier => WaitsFor::Barrier,
            Awaited::QueueItem => WaitsFor::QueueItem,
            Awaited::QueuePlace => WaitsFor::QueuePlace,
            Awaited::QueueJoin => WaitsFor::QueueJoin,
            Awaited::Future(created_at) => WaitsFor::Future { created_at },
            Awaited::Thread => WaitsFor::Thread,
            Awaited::Shutdown => WaitsFor::Shutdown,
            Awaited::Process(pid) => WaitsFor::Process { pid },
            Awaited::Signal => WaitsFor::Signal,
            Awaited::Server => WaitsFor::Server,
            Awaited::Drain => WaitsFor::Drain,
            Awaited::Close => WaitsFor::Close,
        }
    }
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
            WaitsFor::Children(count) => {
                write!(f, "{count} child{} of a scope", if *count == 1 { "" } else { "ren" })
            }
            WaitsFor::OtherLoop => f.write_str("a task of another loop"),
            WaitsFor::Lock => f.write_str("a lock"),
            WaitsFor::Permit => f.write_str("a semaphore's permit"),
            WaitsFor::Event => f.write_str("an event"),
            WaitsFor::Notification => f.write_str("a condition's notification"),
            WaitsFor::Barrier => f.write_str("a barrier's other parties"),
            WaitsFor::QueueItem => f.write_str("a queue's item"),
            WaitsFor::QueuePlace => f.write_str("a place in a queue"),
            WaitsFor::QueueJoin => f.write_str("a queue's items to be done"),
            WaitsFor::Future { created_at } => write!(f, "a future (made at {created_at})"),
            WaitsFor::Thread => f.write_str("a closure on a thread"),
            WaitsFor::Shutdown => f.write_str("the end of an executor's threads"),
            WaitsFor::Process { pid } => write!(f, "the end of process {pid}"),
            WaitsFor::Signal => f.write_str("a signal"),
            WaitsFor::Server => f.write_str("the end of a server"),
            WaitsFor::Drain => f.write_str("a stream's bytes to be sent"),
            WaitsFor::Close => f.write_str("a connection to be closed"),
            WaitsFor::Other => f.write_str("something else"),
        }
    }
}
