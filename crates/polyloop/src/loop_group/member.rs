use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use polyloop_core::{Error, ErrorKind, Result};

use super::room::Taken;
use crate::backend::BackendInfo;
use crate::loop_handle::{LoopHandle, ThreadsafeTask};

/// Names a group, so that a thread knows whether it is one of its.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct GroupId(u64);

/// A loop of a group, as other threads see it.
///
/// `connections` counts those that were given to the loop and have not ended, `accepted` all that it got.
/// Both are Relaxed: they tell, and order nothing.
pub(super) struct Member {
    pub(super) group: GroupId,
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) handle: LoopHandle,
    pub(super) info: BackendInfo,
    pub(super) connections: AtomicUsize,
    pub(super) accepted: AtomicU64,
}

/// Counts a connection of a loop until it is dropped, on whichever thread.
pub(super) struct Counted {
    pub(super) member: Arc<Member>,
    _taken: Taken,
}

impl GroupId {
    pub(super) fn next() -> GroupId {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        GroupId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Member {
    /// Has the loop run a future that is made there.
    #[track_caller]
    pub(super) fn run<F>(
        &self,
        what: &str,
        make: impl FnOnce() -> F + Send + 'static,
    ) -> Result<ThreadsafeTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        self.handle.run_coroutine_threadsafe(make).map_err(|error| self.attempting(error, what))
    }

    /// Says of an error what was attempted, and on which loop.
    pub(super) fn attempting(&self, error: Error, what: &str) -> Error {
        error.attempting(format_args!("{what} loop {} of a group ({})", self.index, self.name))
    }
}

impl Counted {
    pub(super) fn new(member: Arc<Member>, taken: Taken) -> Counted {
        member.connections.fetch_add(1, Ordering::Relaxed);
        Counted { member, _taken: taken }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.member.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits, on a plain thread, for what a loop of a group does, and says what failed.
pub(super) fn wait_for<T>(
    member: &Member,
    task: ThreadsafeTask<Result<T>>,
    what: &str,
) -> Result<T> {
    let result = task.wait().unwrap_or_else(|error| Err(error.into()));
    result.map_err(|error| member.attempting(error, what))
}

pub(super) fn invalid(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidInput).attempting(what)
}
