use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use polyloop_core::{ErrorKind, Result};

use crate::callback;
use crate::engine::{self, Ready, Shared};
use crate::task::TaskError;
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
    pub fn call_soon_threadsafe(&self, function: impl FnOnce() + Send + 'static) -> Result<()> {
        match engine::find(self.shared.id()) {
            Some(engine) => engine.push_ready(Ready::Callback(callback::once(function))),
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
    pub fn run_coroutine_threadsafe<F>(
        &self,
        make: impl FnOnce() -> F + Send + 'static,
    ) -> Result<ThreadsafeTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let outcome = Arc::new(Outcome::default());
        let promise = Promise { outcome: outcome.clone() };
        self.call_soon_threadsafe(move || {
            let future = make();
            let task = crate::create_task(future);
            crate::create_task(async move { promise.keep(task).await }).detach();
        })?;
        Ok(ThreadsafeTask { outcome })
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

impl fmt::Debug for LoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoopHandle({})", self.shared.id().0)
    }
}

/// A task of a loop, seen from another thread: wait for it there, or await it in any executor.
///
/// # Cancel safety
///
/// Dropping it lets the task run on; awaiting it by reference can be given up and taken up again.
#[derive(Debug)]
pub struct ThreadsafeTask<T> {
    outcome: Arc<Outcome<T>>,
}

#[derive(Debug)]
struct Outcome<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// `result` is set at most once; `taken` from when it was given away.
#[derive(Debug)]
struct State<T> {
    result: Option<Result<T, TaskError>>,
    taken: bool,
    waker: Option<Waker>,
}

impl<T> Default for Outcome<T> {
    fn default() -> Self {
        let state = State { result: None, taken: false, waker: None };
        Outcome { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<T> Outcome<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, result: Result<T, TaskError>) {
        let mut state = self.lock();
        if state.result.is_some() || state.taken {
            return;
        }
        state.result = Some(result);
        let waker = state.waker.take();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The loop's side: whatever happens to it, an outcome is set.
struct Promise<T> {
    outcome: Arc<Outcome<T>>,
}

impl<T> Promise<T> {
    async fn keep(self, task: crate::Task<T>) {
        let result = task.await;
        self.outcome.set(result);
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let message = Some("the loop was closed".to_owned());
        self.outcome.set(Err(TaskError::cancelled(message)));
    }
}

impl<T> ThreadsafeTask<T> {
    /// Blocks this thread until the task has ended.
    ///
    /// On the loop's own thread this would never end; await it there.
    pub fn wait(self) -> Result<T, TaskError> {
        let mut state = self.outcome.lock();
        loop {
            if let Some(result) = state.result.take() {
                state.taken = true;
                return result;
            }
            state = self.outcome.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Blocks this thread until the task has ended, at most that long.
    pub fn wait_timeout(&self, at_most: Duration) -> Result<Result<T, TaskError>, TimedOut> {
        let deadline = Instant::now().checked_add(at_most);
        let mut state = self.outcome.lock();
        loop {
            if let Some(result) = state.result.take() {
                state.taken = true;
                return Ok(result);
            }
            let left = deadline.map_or(Duration::from_secs(3600), |deadline| {
                deadline.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return Err(TimedOut);
            }
            let waited = self.outcome.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Tells whether the task has ended.
    pub fn done(&self) -> bool {
        let state = self.outcome.lock();
        state.taken || state.result.is_some()
    }
}

impl<T> Future for ThreadsafeTask<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.outcome.lock();
        if let Some(result) = state.result.take() {
            state.taken = true;
            return Poll::Ready(result);
        }
        assert!(!state.taken, "a task was awaited again after its result was taken");
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl From<TimedOut> for ErrorKind {
    fn from(_: TimedOut) -> ErrorKind {
        ErrorKind::TimedOut
    }
}
