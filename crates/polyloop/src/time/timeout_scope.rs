use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use polyloop_core::Time;

use super::sleep::Sleep;
use super::timeout::{TimedOut, Timeout};

/// Gives a future until a deadline that can be moved: asyncio's `timeout()` block.
///
/// The function gets a [`TimeoutHandle`], which tells and moves the deadline, and makes the future.
/// With no duration there is no deadline until one is set. The time counts from this call. As with
/// [`timeout`](crate::timeout) a result that is ready at the deadline is kept, and of nested
/// deadlines the earliest takes effect.
///
/// # Panics
///
/// If a duration is given and no loop runs on this thread.
///
/// # Cancel safety
///
/// As that of the future inside: it is dropped at the deadline, and with this one.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let ms = Duration::from_millis;
/// polyloop::run(async move {
///     let patient = polyloop::timeout_scope(ms(5), |timeout| async move {
///         // There was a sign of life: give it more time.
///         timeout.reschedule(polyloop::time() + ms(500));
///         polyloop::sleep(ms(20)).await;
///         "done"
///     });
///     assert_eq!(patient.await, Ok("done"));
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn timeout_scope<F: Future>(
    after: impl Into<Option<Duration>>,
    make: impl FnOnce(TimeoutHandle) -> F,
) -> Timeout<F> {
    timeout_scope_at(after.into().map(|after| crate::time() + after), make)
}

/// Gives a future until a time on the running loop's clock, which can be moved; see
/// [`timeout_scope`].
///
/// # Cancel safety
///
/// As for [`timeout_scope`].
pub fn timeout_scope_at<F: Future>(
    deadline: impl Into<Option<Time>>,
    make: impl FnOnce(TimeoutHandle) -> F,
) -> Timeout<F> {
    let shared = Rc::new(Shared {
        when: Cell::new(deadline.into()),
        phase: Cell::new(Phase::Running),
        waker: RefCell::default(),
    });
    let handle = TimeoutHandle { shared: shared.clone() };
    Timeout::movable(make(handle), Movable { shared, sleep: None })
}

/// Tells and moves the deadline of a [`timeout_scope`].
///
/// A clone is the same deadline.
#[derive(Clone, Debug)]
pub struct TimeoutHandle {
    shared: Rc<Shared>,
}

/// What the future and its handles share. `waker` is that of the future, once it was polled.
#[derive(Debug)]
struct Shared {
    when: Cell<Option<Time>>,
    phase: Cell<Phase>,
    waker: RefCell<Option<Waker>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Running,
    Expired,
    Ended,
}

impl TimeoutHandle {
    /// Gives the deadline; none if there is none.
    pub fn when(&self) -> Option<Time> {
        self.shared.when.get()
    }

    /// Moves the deadline, or takes it away, and tells whether that was still possible: not when
    /// it has expired or its future has ended. A deadline in the past expires in the next
    /// iteration.
    pub fn reschedule(&self, when: impl Into<Option<Time>>) -> bool {
        if self.shared.phase.get() != Phase::Running {
            return false;
        }
        self.shared.when.set(when.into());
        // Taken, so that a deadline that is moved often wakes once.
        let waker = self.shared.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Tells whether the deadline has passed and the future was given up.
    pub fn expired(&self) -> bool {
        self.shared.phase.get() == Phase::Expired
    }
}

/// The deadline as its future sees it. `sleep` is armed for the deadline that it stands beside.
#[derive(Debug)]
pub(super) struct Movable {
    shared: Rc<Shared>,
    sleep: Option<(Time, Sleep)>,
}

impl Movable {
    /// Is called before the future inside is polled, which may move the deadline.
    pub(super) fn begin_poll(&self) {
        let waker = self.shared.waker.take();
        drop(waker);
    }

    /// Is called when the future inside is still pending.
    pub(super) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<TimedOut> {
        let when = self.shared.when.get();
        if self.sleep.as_ref().map(|(armed, _)| *armed) != when {
            self.sleep = when.map(|when| (when, Sleep::until_deadline(when)));
        }
        let polled = match &mut self.sleep {
            Some((_, sleep)) => Pin::new(sleep).poll(cx),
            None => Poll::Pending,
        };
        if polled.is_ready() {
            self.shared.phase.set(Phase::Expired);
        } else {
            self.shared.waker.replace(Some(cx.waker().clone()));
        }
        polled.map(|()| TimedOut)
    }
}

impl Drop for Movable {
    fn drop(&mut self) {
        if self.shared.phase.get() == Phase::Running {
            self.shared.phase.set(Phase::Ended);
        }
    }
}
