//! A loop's default executor, and the calls that use it.

use std::cell::RefCell;
use std::thread;
use std::time::Duration;

use polyloop_core::limits;

use super::handle::Executor;
use super::thread_task::ThreadTask;
use crate::loop_object::Loop;
use crate::task::TaskError;
use crate::time::TimedOut;

/// A loop's default executor: none until the first use.
#[derive(Default)]
pub(crate) struct DefaultExecutor {
    slot: RefCell<Option<Slot>>,
}

/// `ours` tells whether the loop made it, and so ends it.
struct Slot {
    executor: Executor,
    ours: bool,
}

impl DefaultExecutor {
    fn get(&self) -> Executor {
        let mut slot = self.slot.borrow_mut();
        let slot = slot.get_or_insert_with(|| Slot { executor: usual(), ours: true });
        slot.executor.clone()
    }

    fn set(&self, executor: Executor) {
        let old = self.slot.replace(Some(Slot { executor, ours: false }));
        drop(old);
    }

    /// Ends the executor that the loop made: cancels what no thread has begun, and waits for the
    /// rest within a grace time.
    pub(crate) fn close(&self, grace: Duration) {
        let Some(Slot { executor, ours: true }) = self.slot.take() else { return };
        executor.pool.shut_down();
        executor.pool.cancel_queued();
        // What has not ended by now is left to itself, as the documentation of `close` says.
        let _ended = executor.pool.wait_ended(grace);
    }
}

impl Loop {
    /// Has a thread of an executor, else of the default one, run a closure.
    ///
    /// It is queued at once. Its result comes back through the loop, in the order in which closures
    /// end. The [context](crate::Context) does not follow it.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    ///
    /// # Cancel safety
    ///
    /// As that of [`ThreadTask`]: dropping it takes back a closure that no thread has begun.
    #[track_caller]
    pub fn run_in_executor<'a, T: Send + 'static>(
        &self,
        executor: impl Into<Option<&'a Executor>>,
        function: impl FnOnce() -> T + Send + 'static,
    ) -> ThreadTask<T> {
        self.engine().assert_open();
        match executor.into() {
            Some(executor) => executor.submit(function),
            None => self.engine().default_executor.get().submit(function),
        }
    }

    /// Chooses the executor for [`to_thread`] and for [`Loop::run_in_executor`] without one.
    ///
    /// It stays its maker's: closing the loop does not end it. The one that it replaces runs what
    /// it was given.
    pub fn set_default_executor(&self, executor: Executor) {
        self.engine().default_executor.set(executor);
    }

    /// Shuts the default executor down, whoever made it, and waits until its closures have ended,
    /// at most that long. Closures that come later are refused.
    ///
    /// # Errors
    ///
    /// [`TimedOut`]; then the closures that no thread has begun are cancelled, and those that run
    /// are left to themselves.
    ///
    /// # Cancel safety
    ///
    /// The executor is shut down from the first poll on; giving up only ends the waiting.
    pub async fn shutdown_default_executor(
        &self,
        within: impl Into<Option<Duration>>,
    ) -> Result<(), TimedOut> {
        let executor = self.engine().default_executor.get();
        executor.shutdown(within).await
    }
}

/// Runs a closure on a thread of the running loop's default executor.
///
/// Gives its value, or its panic, or *cancelled* with the reason if it was refused.
///
/// # Panics
///
/// If it is polled outside a running loop.
///
/// # Cancel safety
///
/// Dropping it takes back a closure that no thread has begun. One that runs cannot be stopped: it
/// runs to its end, and what it gives is dropped.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let text = polyloop::to_thread(|| std::fs::read_to_string("Cargo.toml")).await;
///     assert!(text.expect("reading does not panic").is_ok());
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub async fn to_thread<T: Send + 'static>(
    function: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TaskError> {
    let events = Loop::current().unwrap_or_else(|error| panic!("{error}"));
    events.run_in_executor(None, function).await
}

/// As many threads as Python has: some more than the processors, as most of them wait.
fn usual() -> Executor {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Executor::new("polyloop-thread", (processors + 4).min(limits::EXECUTOR_THREADS_MAX))
}
