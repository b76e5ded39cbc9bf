use std::time::{Duration, Instant};

use polyloop_core::Time;

/// The monotonic clock of a loop, whose epoch is the clock's making.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: Instant,
}

impl Clock {
    /// Makes a clock whose epoch is now.
    pub fn new() -> Clock {
        Clock { epoch: Instant::now() }
    }

    /// Reads the clock.
    pub fn now(&self) -> Time {
        Time::ZERO + self.epoch.elapsed()
    }

    /// Gives how long it is until `deadline`: nothing for never, zero if it has passed.
    pub fn until(&self, deadline: Time) -> Option<Duration> {
        if deadline.is_never() {
            return None;
        }
        if deadline == Time::ZERO {
            return Some(Duration::ZERO);
        }
        Some(deadline.since(self.now()))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}
