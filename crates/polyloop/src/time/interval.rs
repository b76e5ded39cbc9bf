use std::marker::PhantomData;
use std::rc::Rc;
use std::time::Duration;

use polyloop_core::Time;

use super::sleep::sleep_until;
use crate::engine;

/// Ticks at regular times: at once, then after each period.
///
/// The first tick is the first call of [`Interval::tick`], which sets the pace. What happens when
/// the ticks are taken too late is [`Interval::missed_ticks`]'s to say. With a period of zero the next
/// tick is always due now: each yields once.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// polyloop::run(async {
///     let mut ticks = polyloop::interval(Duration::from_millis(2));
///     let first = ticks.tick().await;
///     let second = ticks.tick().await;
///     assert_eq!(second.since(first), Duration::from_millis(2));
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn interval(period: Duration) -> Interval {
    Interval::new(None, period)
}

/// Ticks at a time on the running loop's clock and then after each period; see [`interval`].
///
/// A start that has passed is a tick that is late, and so are those that would have followed it.
pub fn interval_at(start: Time, period: Duration) -> Interval {
    Interval::new(Some(start), period)
}

/// What an [`Interval`] does about ticks that were taken too late.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MissedTicks {
    /// Makes up for them: ticks follow one another, each after a yield, until none is missing.
    #[default]
    Burst,
    /// Goes on from now: the next tick comes a whole period after the late one.
    Delay,
    /// Leaves them out: the next tick comes at the next time that fits the pace.
    Skip,
}

/// Regular times to wait for; made by [`interval`] and [`interval_at`].
#[derive(Debug)]
#[must_use = "an interval does nothing until it is asked for a tick"]
pub struct Interval {
    /// When the next tick is due; nothing until the first call sets the pace.
    next: Option<Time>,
    period: Duration,
    missed: MissedTicks,
    /// `next` is a time of this thread's loop.
    local: PhantomData<Rc<()>>,
}

impl Interval {
    fn new(next: Option<Time>, period: Duration) -> Interval {
        Interval { next, period, missed: MissedTicks::default(), local: PhantomData }
    }

    /// Says what is done about ticks that are taken too late; [`MissedTicks::Burst`] if this is not
    /// called.
    pub fn missed_ticks(mut self, missed: MissedTicks) -> Interval {
        self.missed = missed;
        self
    }

    /// Waits for the next tick and gives when it was due. Never early; a tick that is due already
    /// yields once.
    ///
    /// # Panics
    ///
    /// If it is polled outside a running loop.
    ///
    /// # Cancel safety
    ///
    /// A tick that is given up is still to come: the next call waits for the same one.
    pub async fn tick(&mut self) -> Time {
        let due = *self.next.get_or_insert_with(now);
        sleep_until(due).await;
        self.next = Some(self.after(due, now()));
        due
    }

    /// Starts over: the next tick comes a period from now.
    ///
    /// # Panics
    ///
    /// If no loop runs on this thread.
    pub fn reset(&mut self) {
        self.next = Some(now() + self.period);
    }

    /// Gives the period.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// Gives the tick that follows one that was due and is taken now.
    fn after(&self, due: Time, now: Time) -> Time {
        let next = due + self.period;
        match self.missed {
            _ if self.period.is_zero() => now,
            _ if next > now => next,
            MissedTicks::Burst => next,
            MissedTicks::Delay => now + self.period,
            MissedTicks::Skip => {
                let into_period = now.since(due).as_nanos() % self.period.as_nanos();
                let into_period = u64::try_from(into_period).unwrap_or(u64::MAX);
                now + (self.period - Duration::from_nanos(into_period))
            }
        }
    }
}

fn now() -> Time {
    engine::current().unwrap_or_else(|| panic!("{}", engine::not_running())).now()
}

#[cfg(test)]
mod tests;
