//! What the process has used so far.

use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

use super::allocations::allocations;

/// Processor time and allocations of a process since it began, or between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    pub(crate) user_ns: u64,
    pub(crate) system_ns: u64,
    pub(crate) allocations: u64,
}

impl Usage {
    /// Looks at the process that calls, all its threads together.
    ///
    /// Where the kernel tells user from system time by looking at each tick, the sum is exact to the
    /// microsecond and the two parts are an estimate.
    pub(crate) fn now() -> Usage {
        let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Usage::default() };
        let nanos = |time: nix::sys::time::TimeVal| {
            time.tv_sec() as u64 * 1_000_000_000 + time.tv_usec() as u64 * 1_000
        };
        Usage {
            user_ns: nanos(usage.user_time()),
            system_ns: nanos(usage.system_time()),
            allocations: allocations(),
        }
    }

    /// Gives what was used since `earlier`.
    pub(crate) fn since(self, earlier: Usage) -> Usage {
        Usage {
            user_ns: self.user_ns.saturating_sub(earlier.user_ns),
            system_ns: self.system_ns.saturating_sub(earlier.system_ns),
            allocations: self.allocations.saturating_sub(earlier.allocations),
        }
    }
}
