use std::ops::AddAssign;
use std::time::Duration;

use cpu_time::ThreadTime;

use super::allocations::allocations;

/// What a work takes by its own measure, without what it needs before and after.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Own {
    pub(crate) taken: Duration,
    pub(crate) allocations: u64,
    /// Bytes that it has got from the allocator and not given back.
    pub(crate) bytes: u64,
}

/// A part of a work that is being measured: the time of the thread, and allocations.
pub(crate) struct Measure {
    begin: ThreadTime,
    allocations: u64,
}

impl Measure {
    pub(crate) fn begin() -> Measure {
        Measure { begin: ThreadTime::now(), allocations: allocations() }
    }

    pub(crate) fn end(self) -> Own {
        let taken = self.begin.elapsed();
        Own { taken, allocations: allocations() - self.allocations, bytes: 0 }
    }
}

impl From<Duration> for Own {
    fn from(taken: Duration) -> Own {
        Own { taken, ..Own::default() }
    }
}

impl AddAssign for Own {
    fn add_assign(&mut self, other: Own) {
        self.taken += other.taken;
        self.allocations += other.allocations;
        self.bytes += other.bytes;
    }
}
