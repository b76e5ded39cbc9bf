use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use super::pool::Pool;
use super::thread_task::ThreadTask;
use crate::task::{Awaited, awaited};
use crate::time::{TimedOut, wait_for};

/// Threads for closures that would block a loop: asyncio's `ThreadPoolExecutor`.
///
/// No thread is made before there is a closure for it, and never more than the bound; closures
/// beyond that wait, first come, first served. A thread that has had nothing to do for ten seconds
/// ends. A clone is the same executor, on any thread. When the last clone is dropped, what was
/// queued still runs.
///
/// # Examples
///
/// ```
/// use polyloop::{Executor, Loop};
///
/// polyloop::run(async {
///     let disk = Executor::new("disk", 2);
///     let events = Loop::current()?;
///     let sum = events.run_in_executor(&disk, || (1..=100).sum::<u32>()).await;
///     assert_eq!(sum.expect("summing does not panic"), 5050);
///     disk.shutdown(None).await.expect("without a limit there is no timeout");
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
#[derive(Clone)]
pub struct Executor {
    pub(super) pool: Arc<Pool>,
}

impl Executor {
    /// Makes an executor whose threads are named after it and a number.
    ///
    /// # Panics
    ///
    /// If it is to have no threads, or if the name has a NUL in it.
    pub fn new(name: impl Into<String>, threads_max: usize) -> Executor {
        let name = name.into();
        assert!(threads_max > 0, "an executor without threads runs nothing");
        assert!(!name.contains('\0'), "the name of a thread has no NUL in it");
        Executor { pool: Arc::new(Pool::new(name, threads_max)) }
    }

    /// Has a thread run a closure. Any executor of futures can await what it gives.
    ///
    /// # Cancel safety
    ///
    /// As that of [`ThreadTask`]: dropping it takes back a closure that no thread has begun.
    pub fn submit<T: Send + 'static>(
        &self,
        function: impl FnOnce() -> T + Send + 'static,
    ) -> ThreadTask<T> {
        ThreadTask::submit(&self.pool, function)
    }

    /// Refuses further closures and waits until those that were submitted have ended, at most that
    /// long. Shutting down again waits again.
    ///
    /// # Errors
    ///
    /// [`TimedOut`]; then the closures that no thread has begun are cancelled, and those that run
    /// are left to themselves.
    ///
    /// # Panics
    ///
    /// If it is given a time outside a running loop.
    ///
    /// # Cancel safety
    ///
    /// The executor is shut down from the first poll on; giving up only ends the waiting.
    pub async fn shutdown(&self, within: impl Into<Option<Duration>>) -> Result<(), TimedOut> {
        self.pool.shut_down();
        let ended = poll_fn(|cx| {
            awaited::note(Awaited::Shutdown);
            self.pool.poll_ended(cx)
        });
        let ended = wait_for(ended, within).await;
        if ended.is_err() {
            self.pool.cancel_queued();
        }
        ended
    }

    /// Refuses further closures, cancels what no thread has begun, and waits for nothing.
    pub(crate) fn abandon(&self) {
        self.pool.shut_down();
        self.pool.cancel_queued();
    }

    /// Gives the name.
    pub fn name(&self) -> &str {
        &self.pool.name
    }

    /// Gives how many threads there may be.
    pub fn threads_max(&self) -> usize {
        self.pool.threads_max
    }

    /// Tells how many threads there are.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// Tells how many closures wait for a thread.
    pub fn queued(&self) -> usize {
        self.pool.queued()
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, threads, max) = (self.name(), self.threads(), self.threads_max());
        write!(f, "Executor({name}, {threads} of {max} threads, {} queued)", self.queued())
    }
}
