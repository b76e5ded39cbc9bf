use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::pool::{JobId, Pool};
use crate::outcome::{Outcome, Promise};
use crate::task::{Awaited, TaskError, awaited};

/// A closure that a thread runs, or will: await it for what it gives.
///
/// Awaiting gives `Ok` with the closure's value or a [`TaskError`]: its panic, or *cancelled* if
/// it was never begun, with a message that says why (it was cancelled, or refused by an executor
/// that is shut down, full, or without a thread).
///
/// # Cancel safety
///
/// Dropping it takes the closure back if no thread has begun it. One that runs cannot be stopped:
/// it runs to its end, and what it gives is dropped. [`ThreadTask::detach`] lets it run either way.
#[must_use = "dropping it takes the closure back, if no thread has begun it"]
pub struct ThreadTask<T> {
    outcome: Arc<Outcome<T>>,
    /// Nothing if the executor refused, or the closure is on its own.
    job: Option<(Arc<Pool>, JobId)>,
}

impl<T: Send + 'static> ThreadTask<T> {
    pub(super) fn submit(
        pool: &Arc<Pool>,
        function: impl FnOnce() -> T + Send + 'static,
    ) -> ThreadTask<T> {
        let outcome = Arc::new(Outcome::default());
        let promise = Promise::new(outcome.clone(), "the closure was taken back before it began");
        let job = move || {
            let result = catch_unwind(AssertUnwindSafe(function)).map_err(TaskError::panicked);
            drop(promise.keep(result));
        };
        match pool.submit(Box::new(job)) {
            Ok(id) => ThreadTask { outcome, job: Some((pool.clone(), id)) },
            Err(refusal) => ThreadTask { outcome: Arc::new(Outcome::refused(refusal)), job: None },
        }
    }
}

impl<T> ThreadTask<T> {
    /// Takes the closure back, and tells whether no thread had begun it.
    pub fn cancel(&self) -> bool {
        let Some((pool, id)) = &self.job else { return false };
        let job = pool.withdraw(*id);
        // The closure is dropped here, outside the lock; its promise then says *cancelled*.
        job.is_some()
    }

    /// Tells whether the closure has ended, or will never begin.
    pub fn done(&self) -> bool {
        self.outcome.is_set()
    }

    /// Lets the closure run, whatever it gives.
    pub fn detach(mut self) {
        self.job = None;
    }
}

impl<T> Future for ThreadTask<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        awaited::note(Awaited::Thread);
        self.outcome.poll(cx)
    }
}

impl<T> Drop for ThreadTask<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<T> fmt::Debug for ThreadTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.done() { "ThreadTask(done)" } else { "ThreadTask(pending)" })
    }
}
