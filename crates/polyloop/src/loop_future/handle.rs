use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use polyloop_core::Result as LoopResult;

use super::cell::{FutureCell, Waiting};
use super::error::{FutureError, InvalidStateError};
use crate::context::copy_context;
use crate::engine;
use crate::loop_object::Loop;
use crate::task::{Awaited, awaited};

/// A result that somebody will set: asyncio's `Future`, the bridge between callbacks and tasks.
///
/// Rust's own `Future` is the trait, so this one is named after what makes it
/// ([`Loop::create_future`]): a future of a loop. It is both sides at once, as in asyncio: a
/// clone is the same future, and whoever holds one can set its result, cancel it, or await it.
///
/// Awaiting gives `Ok` with a clone of the value or a [`FutureError`]; any number of tasks may
/// await it. Values that cannot be cloned are read in place ([`LoopFuture::result`]) or wrapped
/// in an `Rc`. Awaiters and done callbacks are told in the order in which they began to wait, in
/// the iteration after the result was set. An error that was set and that nobody asked for goes
/// to the loop's exception handler when the last clone is dropped.
///
/// When the loop closes first, awaiting gives *cancelled* and callbacks are dropped.
///
/// # Cancel safety
///
/// Giving up awaiting loses nothing, and, unlike in asyncio, does not cancel the future for the
/// others that wait for it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// polyloop::run(async {
///     let answer = polyloop::create_future();
///     let setter = answer.clone();
///     polyloop::call_later(Duration::from_millis(1), move || {
///         setter.set_result(42).expect("nobody else sets it");
///     });
///     assert_eq!(answer.await.unwrap(), 42);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[must_use = "dropping it only gives it up"]
pub struct LoopFuture<T> {
    cell: Rc<FutureCell<T>>,
    /// Where this clone waits, once it has been polled.
    waits: Option<FutureCallbackId>,
}

/// Names a done callback of one future, to remove it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FutureCallbackId(pub(super) u64);

impl<T: 'static> LoopFuture<T> {
    /// Sets the value; whoever waits is told in the next iteration.
    ///
    /// # Errors
    ///
    /// With the value, if the future is done already.
    pub fn set_result(&self, value: T) -> Result<(), InvalidStateError<T>> {
        self.cell.finish(Ok(value)).map_err(|rejected| match rejected {
            Ok(value) => InvalidStateError::done(value),
            Err(_) => unreachable!("a value was given, so a value comes back"),
        })
    }

    /// Sets an error; whoever waits is told in the next iteration.
    ///
    /// # Errors
    ///
    /// With the error, if the future is done already.
    pub fn set_exception<E>(&self, error: E) -> Result<(), InvalidStateError<E>>
    where
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        if self.done() {
            return Err(InvalidStateError::done(error));
        }
        let finished = self.cell.finish(Err(FutureError::exception(error.into())));
        debug_assert!(finished.is_ok(), "it was not done, unless its error's conversion did that");
        Ok(())
    }

    /// Cancels the future, and tells whether it was not done already.
    pub fn cancel(&self) -> bool {
        self.cell.finish(Err(FutureError::cancelled(None))).is_ok()
    }

    /// Cancels the future with a message that [`FutureError::message`] gives.
    pub fn cancel_with(&self, message: impl Into<String>) -> bool {
        self.cell.finish(Err(FutureError::cancelled(Some(message.into())))).is_ok()
    }

    /// Has a function called with the future, in the caller's context, when it is done: in the
    /// iteration after that, or, if it is done already, in the next.
    pub fn add_done_callback(
        &self,
        callback: impl FnOnce(&LoopFuture<T>) + 'static,
    ) -> FutureCallbackId {
        let mut context = copy_context();
        self.cell.add_callback(Box::new(move |done| context.run(|| callback(done))))
    }
}

impl<T> LoopFuture<T> {
    #[track_caller]
    pub(crate) fn of_loop(home: engine::LoopId) -> LoopFuture<T> {
        LoopFuture::new(Rc::new(FutureCell::new(home, Location::caller())))
    }

    pub(super) fn new(cell: Rc<FutureCell<T>>) -> LoopFuture<T> {
        LoopFuture { cell, waits: None }
    }

    /// Takes a done callback back, and tells whether it was still waiting for the future.
    pub fn remove_done_callback(&self, id: FutureCallbackId) -> bool {
        self.cell.forget(id)
    }

    /// Tells whether the future has a value or an error, or is cancelled.
    pub fn done(&self) -> bool {
        self.cell.outcome().is_some()
    }

    /// Tells whether the future is cancelled.
    pub fn cancelled(&self) -> bool {
        matches!(self.cell.outcome(), Some(Err(error)) if error.is_cancelled())
    }

    /// Gives the value in place, or why there is none.
    ///
    /// # Errors
    ///
    /// [`InvalidStateError`] if the future is not done.
    pub fn result(&self) -> Result<Result<&T, &FutureError>, InvalidStateError> {
        self.cell.ask().map(Result::as_ref).ok_or_else(InvalidStateError::not_done)
    }

    /// Gives why there is no value; nothing if there is one. Unlike in asyncio a cancelled future
    /// has one too.
    ///
    /// # Errors
    ///
    /// [`InvalidStateError`] if the future is not done.
    pub fn exception(&self) -> Result<Option<FutureError>, InvalidStateError> {
        self.result().map(|result| result.err().cloned())
    }

    /// Gives the loop that the future belongs to.
    ///
    /// # Errors
    ///
    /// *Loop closed*.
    pub fn event_loop(&self) -> LoopResult<Loop> {
        engine::find(self.cell.home()).map(Loop::of).ok_or_else(engine::not_here)
    }

    /// Tells where in the program the future was made.
    pub fn created_at(&self) -> &'static Location<'static> {
        self.cell.created_at()
    }
}

impl<T: Clone> Future for LoopFuture<T> {
    type Output = Result<T, FutureError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(outcome) = self.cell.ask() {
            return Poll::Ready(outcome.clone());
        }
        if engine::find(self.cell.home()).is_none() {
            let message = "the loop is closed".to_owned();
            return Poll::Ready(Err(FutureError::cancelled(Some(message))));
        }
        awaited::note(Awaited::Future(self.cell.created_at()));
        match self.waits {
            Some(id) => self.cell.rewake(id, cx.waker()),
            None => self.waits = Some(self.cell.wait(Waiting::Awaiter(cx.waker().clone()))),
        }
        Poll::Pending
    }
}

/// A clone is the same future; it waits on its own.
impl<T> Clone for LoopFuture<T> {
    fn clone(&self) -> Self {
        LoopFuture::new(self.cell.clone())
    }
}

impl<T> Drop for LoopFuture<T> {
    fn drop(&mut self) {
        if let Some(id) = self.waits {
            self.cell.forget(id);
        }
    }
}

impl<T> fmt::Debug for LoopFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.cell.outcome() {
            None => "pending",
            Some(Ok(_)) => "finished",
            Some(Err(error)) if error.is_cancelled() => "cancelled",
            Some(Err(_)) => "failed",
        };
        write!(f, "LoopFuture({state}, created at {})", self.created_at())
    }
}
