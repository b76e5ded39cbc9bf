use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use polyloop_core::{Error, ErrorKind, Time};

use super::sleep::Sleep;
use super::timeout_scope::Movable;
use crate::engine;
use crate::task::{Awaited, awaited};

/// Gives a future that long; what it gave by then is kept, else it is dropped.
///
/// The time counts from the first poll. A result that is ready at the deadline wins over the
/// deadline. Timeouts nest: the earliest enclosing deadline takes effect.
///
/// # Cancel safety
///
/// As that of the future inside: it is dropped at the deadline, and with this one.
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// polyloop::run(async {
///     let never = std::future::pending::<()>();
///     let result = polyloop::timeout(Duration::from_millis(5), never).await;
///     assert!(result.is_err());
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn timeout<F: Future>(after: Duration, future: F) -> Timeout<F> {
    Timeout { future, limit: Limit::For(after) }
}

/// Gives a future until a time on the running loop's clock; see [`timeout`].
///
/// # Cancel safety
///
/// As that of the future inside.
pub fn timeout_at<F: Future>(deadline: Time, future: F) -> Timeout<F> {
    Timeout { future, limit: Limit::Until(deadline) }
}

/// Awaits a future, at most that long if a duration is given; asyncio's name and order.
///
/// # Cancel safety
///
/// As that of the future inside.
pub fn wait_for<F: Future>(future: F, at_most: impl Into<Option<Duration>>) -> Timeout<F> {
    Timeout { future, limit: at_most.into().map_or(Limit::None, Limit::For) }
}

/// The time given to a future has passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("timed out")
    }
}

impl std::error::Error for TimedOut {}

impl From<TimedOut> for Error {
    fn from(_: TimedOut) -> Error {
        ErrorKind::TimedOut.into()
    }
}

impl From<TimedOut> for std::io::Error {
    fn from(_: TimedOut) -> std::io::Error {
        std::io::ErrorKind::TimedOut.into()
    }
}

pin_project! {
    /// The future of [`timeout`], [`timeout_at`], [`wait_for`] and
    /// [`timeout_scope`](crate::timeout_scope).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future that it limits.
    #[derive(Debug)]
    #[must_use = "a timeout does nothing until it is awaited"]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        limit: Limit,
    }
}

/// How long a timeout waits; a sleep from the first poll on.
#[derive(Debug)]
enum Limit {
    None,
    For(Duration),
    Until(Time),
    Sleep(Sleep),
    Movable(Movable),
}

impl Limit {
    /// Fixes the deadline, before the future inside can fix a later one of its own.
    fn begin(&mut self) {
        let deadline = match self {
            Limit::None | Limit::Sleep(_) => return,
            Limit::Movable(movable) => return movable.begin_poll(),
            Limit::For(after) => engine::expect_current().now() + *after,
            Limit::Until(deadline) => *deadline,
        };
        *self = Limit::Sleep(Sleep::until_deadline(deadline));
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<TimedOut> {
        match self {
            Limit::Sleep(sleep) => Pin::new(sleep).poll(cx).map(|()| TimedOut),
            Limit::Movable(movable) => movable.poll_expired(cx),
            _ => Poll::Pending,
        }
    }
}

impl<F> Timeout<F> {
    pub(super) fn movable(future: F, movable: Movable) -> Timeout<F> {
        Timeout { future, limit: Limit::Movable(movable) }
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, TimedOut>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.limit.begin();
        awaited::note(Awaited::Unknown);
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let inner = awaited::noted();
        let expired = this.limit.poll_expired(cx).map(Err);
        awaited::put_back(inner);
        expired
    }
}
