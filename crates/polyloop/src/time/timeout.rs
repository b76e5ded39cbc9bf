use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use polyloop_core::{Error, ErrorKind, Time};

use super::sleep::{Sleep, sleep, sleep_until};
use super::timeout_scope::Movable;

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
    Timeout { future, deadline: Deadline::Fixed(sleep_at_most(after)) }
}

/// Gives a future until a time on the running loop's clock; see [`timeout`].
///
/// # Cancel safety
///
/// As that of the future inside.
pub fn timeout_at<F: Future>(deadline: Time, future: F) -> Timeout<F> {
    Timeout { future, deadline: Deadline::Fixed(sleep_until(deadline)) }
}

/// Awaits a future, at most that long if a duration is given; asyncio's name and order.
///
/// # Cancel safety
///
/// As that of the future inside.
pub fn wait_for<F: Future>(future: F, at_most: impl Into<Option<Duration>>) -> Timeout<F> {
    let sleep = at_most.into().map(sleep_at_most);
    Timeout { future, deadline: sleep.map_or(Deadline::None, Deadline::Fixed) }
}

/// Makes the sleep of a timeout.
pub(crate) fn sleep_at_most(after: Duration) -> Sleep {
    sleep(after.max(SHORTEST))
}

/// A timeout of zero is a deadline that has passed, not a yield: the future is polled once more.
const SHORTEST: Duration = Duration::from_nanos(1);

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
    #[derive(Debug)]
    #[must_use = "a timeout does nothing until it is awaited"]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        deadline: Deadline,
    }
}

#[derive(Debug)]
enum Deadline {
    None,
    Fixed(Sleep),
    Movable(Movable),
}

impl<F> Timeout<F> {
    pub(super) fn movable(future: F, deadline: Movable) -> Timeout<F> {
        Timeout { future, deadline: Deadline::Movable(deadline) }
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, TimedOut>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Deadline::Movable(deadline) = this.deadline {
            deadline.begin_poll();
        }
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        match this.deadline {
            Deadline::None => Poll::Pending,
            Deadline::Fixed(sleep) => Pin::new(sleep).poll(cx).map(|()| Err(TimedOut)),
            Deadline::Movable(deadline) => deadline.poll_expired(cx).map(Err),
        }
    }
}
