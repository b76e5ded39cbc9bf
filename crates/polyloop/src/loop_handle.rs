use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use polyloop_core::{ErrorKind, Result};

use crate::callback::{self, Callback};
use crate::engine::{self, Ready, Shared};
use crate::exception;
use crate::outcome::{Outcome, Promise};
use crate::task::{
    self, AnyTask, Awaited, BundleId, Listener, Task, TaskError, TaskStart, awaited,
};
use crate::time::TimedOut;

/// The way into a loop from other threads.
///
/// It may outlive the loop; then everything is an error of kind *loop closed*.
#[derive(Clone)]
pub struct LoopHandle {
    shared: Arc<Shared>,
}

impl LoopHandle {
    pub(crate) fn new(shared: Arc<Shared>) -> LoopHandle {
        LoopHandle { shared }
    }

    /// Has a function called on the loop's thread, in the next iteration.
    ///
    /// On that thread it takes the place that `call_soon` would give it.
    ///
    /// # Errors
    ///
    /// *Loop closed*; the function is dropped here then.
    #[track_caller]
    pub fn call_soon_threadsafe(&self, function: impl FnOnce() + Send + 'static) -> Result<()> {
        match engine::find(self.shared.id()) {
            Some(engine) => {
                let callback = callback::once_at(Location::caller(), function);
                engine.push_ready(Ready::Callback(callback));
            }
            None => return self.shared.post_call(function),
        }
        Ok(())
    }

    /// Runs, as a task of the loop, the future that a function makes there, and gives what another
    /// thread can wait for.
    ///
    /// Futures of a loop are not `Send`, so it is the function that travels.
    ///
    /// # Errors
    ///
    /// *Loop closed*; the function is dropped here then.
    #[track_caller]
    pub fn run_coroutine_threadsafe<F>(
        &self,
        make: impl FnOnce() -> F + Send + 'static,
    ) -> Result<ThreadsafeTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let outcome = Arc::new(Outcome::default());
        let promise = Promise::new(outcome.clone(), "the loop was closed");
        let place = Location::caller();
        self.call_soon_threadsafe(move || {
            let (future, engine) = (make(), engine::expect_current());
            let task = task::spawn_at(place, &engine, future, None, TaskStart::Soon);
            let cell = (**task.cell()).clone();
            let report = Report { due: Cell::new(Some((task, promise))), place };
            cell.listen(Listener::Notified(BundleId::next(), Rc::new(report)));
        })?;
        Ok(ThreadsafeTask { outcome, home: self.shared.clone(), place })
    }

    /// Tells whether the loop is closed.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Tells how much other threads have posted to the loop since it was made.
    pub fn posts(&self) -> u64 {
        self.shared.posts()
    }

    /// Wakes the loop, for nothing in particular.
    pub fn wake(&self) {
        self.shared.wake();
    }
}

/// The done callback that gives a task's result to who waits for it elsewhere.
struct Report<T> {
    /// Until it is called.
    due: Cell<Option<(Task<T>, Promise<T>)>>,
    place: &'static Location<'static>,
}

impl<T> Callback for Report<T> {
    fn call(self: Rc<Self>) {
        let Some((mut task, promise)) = self.due.take() else { return };
        if let Some(Err(error)) = promise.keep(task.take_result()) {
            report_unasked(&error, self.place);
        }
    }
}

impl fmt::Debug for LoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoopHandle({})", self.shared.id().number())
    }
}

/// A task of a loop, seen from another thread: wait for it there, or await it in any executor.
///
/// A panic of the task that nobody asked for goes to its loop's exception handler, and, if the loop is closed by then,
/// to standard error.
///
/// # Cancel safety
///
/// Dropping it lets the task run on; awaiting it by reference can be given up and taken up again.
pub struct ThreadsafeTask<T> {
    outcome: Arc<Outcome<T>>,
    home: Arc<Shared>,
    /// Where it was asked for.
    place: &'static Location<'static>,
}

impl<T> ThreadsafeTask<T> {
    /// Blocks this thread until the task has ended.
    ///
    /// On the loop's own thread this would never end; await it there.
    ///
    /// # Errors
    ///
    /// Why the task gave no value: it was cancelled, or it panicked; its loop was closed.
    pub fn wait(self) -> Result<T, TaskError> {
        self.outcome.wait()
    }

    /// Blocks this thread until the task has ended, at most that long.
    ///
    /// # Errors
    ///
    /// [`TimedOut`], and the task goes on.
    pub fn wait_timeout(&self, at_most: Duration) -> Result<Result<T, TaskError>, TimedOut> {
        self.outcome.wait_timeout(at_most).ok_or(TimedOut)
    }

    /// Tells whether the task has ended.
    pub fn done(&self) -> bool {
        self.outcome.is_set()
    }
}

impl<T> Future for ThreadsafeTask<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        awaited::note(Awaited::OtherLoop);
        self.outcome.poll(cx)
    }
}

impl<T> Drop for ThreadsafeTask<T> {
    fn drop(&mut self) {
        let Some(Err(error)) = self.outcome.abandon() else { return };
        let (error, place) = (Arc::new(error), self.place);
        let there = error.clone();
        if self.home.post_call(move || report_unasked(&there, place)).is_err() {
            report_unasked(&error, place);
        }
    }
}

impl<T> fmt::Debug for ThreadsafeTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.done() { "ThreadsafeTask(done)" } else { "ThreadsafeTask(pending)" })
    }
}

/// Reports the panic of a task to the loop that runs here.
fn report_unasked(error: &TaskError, place: &Location<'_>) {
    if error.is_panic() {
        let what = "a task that another thread asked for panicked, and nobody asked for its result";
        let message = format!("{what} (created at {place})");
        exception::report_here(&message, &error.message().unwrap_or_default());
    }
}

impl From<TimedOut> for ErrorKind {
    fn from(_: TimedOut) -> ErrorKind {
        ErrorKind::TimedOut
    }
}
