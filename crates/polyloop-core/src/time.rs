use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A point on one loop's clock: nanoseconds since that loop's epoch.
///
/// The loop owns time. A simulated backend can jump its clock, so no part of the contract
/// mentions `std::time::Instant`, and two loops' times are not comparable. The clock is
/// monotonic: steps of the wall clock do not move it. As a deadline, [`Time::ZERO`] means
/// "do not wait" and [`Time::NEVER`] means "no deadline".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// The loop's epoch, which is never in the future: a wait until then does not wait.
    pub const ZERO: Time = Time(0);
    /// Later than every time a loop can reach: a wait until then has no deadline.
    pub const NEVER: Time = Time(u64::MAX);

    /// Makes the time that lies `nanos` nanoseconds after the loop's epoch.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// Gives the nanoseconds since the loop's epoch.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Gives how long it is from `earlier` to this time, zero if `earlier` is later.
    #[inline]
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Tells whether this is [`Time::NEVER`].
    #[inline]
    pub const fn is_never(self) -> bool {
        self.0 == u64::MAX
    }
}

/// Saturates at [`Time::NEVER`], so an enormous duration is simply "no deadline".
impl Add<Duration> for Time {
    type Output = Time;

    #[inline]
    fn add(self, duration: Duration) -> Time {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Time(self.0.saturating_add(nanos))
    }
}

/// Saturates at [`Time::ZERO`].
impl Sub<Duration> for Time {
    type Output = Time;

    #[inline]
    fn sub(self, duration: Duration) -> Time {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Time(self.0.saturating_sub(nanos))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_never() {
            return f.write_str("Time(never)");
        }
        write!(f, "Time({}.{:09}s)", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enormous_duration_saturates_at_never() {
        assert!((Time::from_nanos(5) + Duration::MAX).is_never());
        assert_eq!(Time::from_nanos(5) - Duration::MAX, Time::ZERO);
    }

    #[test]
    fn since_a_later_time_is_zero() {
        assert_eq!(Time::from_nanos(3).since(Time::from_nanos(9)), Duration::ZERO);
        assert_eq!(Time::from_nanos(9).since(Time::from_nanos(3)), Duration::from_nanos(6));
    }
}
