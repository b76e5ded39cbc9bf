//! What a task waits for, as what it polled says when it is not ready.
//!
//! A future that returns `Pending` notes why in a slot of its thread, and the task that was
//! polled takes the note: one store on either side, and nothing for who never looks. Who polls
//! several futures keeps the last one's note, unless it puts a better one back.

use std::cell::Cell;
use std::panic::Location;

use polyloop_core::{Key, OpKind, Time};

use super::table::TaskKey;
use crate::engine::LoopId;

/// Why a future is not ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Awaited {
    /// A future of somebody else's, which leaves no note.
    #[default]
    Unknown,
    /// The next iteration.
    Turn,
    Timer(Time),
    Op(OpKind, Option<Key>),
    Task(LoopId, TaskKey),
    /// The tasks that have this bundle among their listeners.
    Bundle(BundleId),
    /// Futures that a scope polls; how many they are.
    Children(usize),
    /// A task of a loop in another thread.
    OtherLoop,
    Lock,
    Permit,
    Event,
    Notification,
    Barrier,
    /// To get an item from a queue.
    QueueItem,
    /// To put an item into a queue.
    QueuePlace,
    /// For all items of a queue to be done.
    QueueJoin,
    /// A loop future, and where it was made.
    Future(&'static Location<'static>),
    /// A closure on an executor's thread.
    Thread,
    /// The end of an executor's threads.
    Shutdown,
    /// The end of a process that has this number.
    #[cfg_attr(not(unix), allow(dead_code, reason = "processes are started on Unix"))]
    Process(u32),
    /// A signal.
    #[cfg_attr(not(unix), allow(dead_code, reason = "signals are a Unix thing"))]
    Signal,
    /// The end of a server, or of its connections.
    Server,
    /// For what was written to a stream to be sent.
    Drain,
    /// The end of a connection.
    Close,
}

/// Names a set of tasks that are awaited together; never used again on its thread.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct BundleId(u64);

thread_local! {
    static NOTED: Cell<Awaited> = const { Cell::new(Awaited::Unknown) };
    static BUNDLES: Cell<u64> = const { Cell::new(0) };
}

impl BundleId {
    pub(crate) fn next() -> BundleId {
        BundleId(BUNDLES.replace(BUNDLES.get() + 1))
    }
}

/// Leaves a note.
#[inline]
pub(crate) fn note(awaited: Awaited) {
    NOTED.with(|noted| noted.set(awaited));
}

/// Puts a note back, unless it says nothing and what was noted since says more.
pub(crate) fn put_back(awaited: Awaited) {
    if awaited != Awaited::Unknown {
        NOTED.set(awaited);
    }
}

/// Reads the note.
#[inline]
pub(crate) fn noted() -> Awaited {
    NOTED.get()
}
