use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use polyloop_core::{Time, TimerId};

use crate::engine::{self, Due, LoopId, Ready, Sleeper};
use crate::task::{Awaited, awaited};

/// Waits for a while.
///
/// It never ends early. Zero yields once to everything that is ready, as in asyncio. A duration
/// beyond the clock's range (585 years) never ends. The time counts from the first poll.
///
/// # Panics
///
/// If it is polled outside a running loop.
///
/// # Cancel safety
///
/// Dropping it disarms its timer; nothing is lost.
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// polyloop::run(async {
///     polyloop::sleep(Duration::from_millis(5)).await;
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[inline]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::new(State::For(duration))
}

/// Waits until a time on the running loop's clock; one that has passed yields once.
///
/// # Panics
///
/// If it is polled outside a running loop.
///
/// # Cancel safety
///
/// Dropping it disarms its timer; nothing is lost.
pub fn sleep_until(deadline: Time) -> Sleep {
    Sleep::new(State::Until(deadline))
}

/// Lets everything that is ready run first.
///
/// # Cancel safety
///
/// Nothing is lost.
#[inline]
pub fn yield_now() -> Sleep {
    sleep(Duration::ZERO)
}

/// The future of [`sleep`], [`sleep_until`] and [`yield_now`].
///
/// # Cancel safety
///
/// Dropping it disarms its timer; nothing is lost.
#[derive(Debug)]
#[must_use = "a sleep does nothing until it is awaited"]
pub struct Sleep {
    state: State,
    local: PhantomData<Rc<()>>,
}

#[derive(Debug)]
enum State {
    For(Duration),
    Until(Time),
    /// As `Until`, but a deadline that has passed is due in the next iteration, as a timer's is.
    Deadline(Time),
    Armed(LoopId, TimerId, Time),
    Yielded,
    Done,
}

impl Sleep {
    #[inline]
    fn new(state: State) -> Sleep {
        Sleep { state, local: PhantomData }
    }

    /// Waits for a deadline: unlike a sleep that has passed, one that has passed does not yield
    /// but wakes the task as its timer would.
    pub(crate) fn until_deadline(deadline: Time) -> Sleep {
        Sleep::new(State::Deadline(deadline))
    }

    /// Gives the time on its loop's clock at which it ends; nothing before its first poll, for a sleep
    /// of a duration, and nothing for a yield.
    pub fn deadline(&self) -> Option<Time> {
        match self.state {
            State::Until(deadline) | State::Deadline(deadline) | State::Armed(_, _, deadline) => {
                Some(deadline)
            }
            State::For(_) | State::Yielded | State::Done => None,
        }
    }

    fn awaited(&self) -> Awaited {
        match self.state {
            State::Armed(_, _, deadline) => Awaited::Timer(deadline),
            _ => Awaited::Turn,
        }
    }

    fn start(&mut self, cx: &mut Context<'_>) {
        let engine = engine::expect_current();
        // The clock is read once.
        let now = engine.now();
        let deadline = match self.state {
            State::For(duration) => now + duration,
            State::Deadline(deadline) => deadline,
            State::Until(deadline) if deadline > now => deadline,
            _ => {
                cx.waker().wake_by_ref();
                self.state = State::Yielded;
                return;
            }
        };
        let sleeper = Sleeper::of(cx.waker());
        self.state = if deadline <= now {
            engine.push_ready(Ready::Wake(sleeper));
            State::Yielded
        } else {
            State::Armed(engine.id, engine.arm(deadline, Due::Wake(sleeper)), deadline)
        };
    }
}

fn still_armed(home: LoopId, timer: TimerId, cx: &Context<'_>) -> bool {
    engine::find(home).is_some_and(|engine| match engine.will_wake(timer, cx.waker()) {
        // It has fired, or will wake who asks, as mostly.
        None => false,
        Some(true) => true,
        Some(false) => engine.rewake(timer, cx.waker()),
    })
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            // A yield asks nothing of the loop but that it is there.
            State::For(Duration::ZERO) => {
                engine::assert_running();
                cx.waker().wake_by_ref();
                self.state = State::Yielded;
                awaited::note(Awaited::Turn);
                Poll::Pending
            }
            State::Yielded => {
                self.state = State::Done;
                Poll::Ready(())
            }
            _ => self.poll_timer(cx),
        }
    }
}

impl Sleep {
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::For(_) | State::Until(_) | State::Deadline(_) => {
                self.start(cx);
                awaited::note(self.awaited());
                return Poll::Pending;
            }
            State::Armed(home, timer, _) if still_armed(home, timer, cx) => {
                awaited::note(self.awaited());
                return Poll::Pending;
            }
            State::Armed(..) | State::Yielded | State::Done => {}
        }
        self.state = State::Done;
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        if let State::Armed(home, timer, _) = self.state {
            disarm(home, timer);
        }
    }
}

fn disarm(home: LoopId, timer: TimerId) {
    if let Some(engine) = engine::find(home) {
        // Who would have been woken may be the user's, and then goes when nothing is borrowed.
        drop(engine.forget_timer(timer));
    }
}
