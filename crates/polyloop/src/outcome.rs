#[cfg(all(test, loom))]
mod loom_models;

use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::between_threads::{Condvar, Mutex, MutexGuard};
use crate::task::TaskError;

/// A result on its way from one thread to another: set once, waited for or awaited.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// `result` is set at most once; `taken` from when it was given away; `abandoned` once nobody will ask.
#[derive(Debug)]
struct State<T> {
    result: Option<Result<T, TaskError>>,
    taken: bool,
    abandoned: bool,
    waker: Option<Waker>,
}

impl<T> Outcome<T> {
    /// Makes the outcome of what will never begin.
    pub(crate) fn refused(why: String) -> Outcome<T> {
        let outcome = Outcome::default();
        drop(outcome.set(Err(TaskError::cancelled(Some(why)))));
        outcome
    }

    /// Sets the result, unless there is one; gives it back if nobody will ask for it.
    fn set(&self, result: Result<T, TaskError>) -> Option<Result<T, TaskError>> {
        let mut state = self.lock();
        if state.result.is_some() || state.taken {
            return None;
        }
        if state.abandoned {
            state.taken = true;
            return Some(result);
        }
        state.result = Some(result);
        let waker = state.waker.take();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
        None
    }

    /// Says that nobody will ask for the result, and gives it if it is there and nobody has; what comes
    /// later, who sets it is given back.
    pub(crate) fn abandon(&self) -> Option<Result<T, TaskError>> {
        let mut state = self.lock();
        state.abandoned = true;
        state.take()
    }

    /// Blocks this thread until there is a result.
    pub(crate) fn wait(&self) -> Result<T, TaskError> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.take() {
                return result;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Blocks this thread until there is a result, at most that long.
    pub(crate) fn wait_timeout(&self, at_most: Duration) -> Option<Result<T, TaskError>> {
        let deadline = Instant::now().checked_add(at_most);
        let mut state = self.lock();
        loop {
            if let Some(result) = state.take() {
                return Some(result);
            }
            let left = deadline.map_or(Duration::from_secs(3600), |deadline| {
                deadline.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return None;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes the result, or has it wake the caller.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        // Cloning and dropping a waker can run the user's code, so neither is done in the lock.
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if let Some(result) = state.take() {
            return Poll::Ready(result);
        }
        assert!(!state.taken, "a task was awaited again after its result was taken");
        let old = state.waker.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Tells whether there is a result, or was one.
    pub(crate) fn is_set(&self) -> bool {
        let state = self.lock();
        state.taken || state.result.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Outcome<T> {
    fn default() -> Self {
        let state = State { result: None, taken: false, abandoned: false, waker: None };
        Outcome { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<T> State<T> {
    fn take(&mut self) -> Option<Result<T, TaskError>> {
        let result = self.result.take()?;
        self.taken = true;
        Some(result)
    }
}

/// The side that sets: whatever happens to it, an outcome is set.
pub(crate) struct Promise<T> {
    outcome: Arc<Outcome<T>>,
    /// What is said if it is dropped.
    broken: &'static str,
}

impl<T> Promise<T> {
    pub(crate) fn new(outcome: Arc<Outcome<T>>, broken: &'static str) -> Promise<T> {
        Promise { outcome, broken }
    }

    /// Sets the result; gives it back if nobody will ask for it.
    pub(crate) fn keep(self, result: Result<T, TaskError>) -> Option<Result<T, TaskError>> {
        self.outcome.set(result)
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if !self.outcome.is_set() {
            let broken = TaskError::cancelled(Some(self.broken.to_owned()));
            drop(self.outcome.set(Err(broken)));
        }
    }
}
