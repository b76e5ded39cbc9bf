//! Pauses: what is begun again later because nothing will tell when it could succeed.

use std::time::Duration;

use polyloop_core::{Key, Time, limits};

use crate::linux::UringLoop;
use crate::linux::resource::Side;

/// When a lane goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    end: Time,
    key: Key,
    side: Side,
}

impl UringLoop {
    /// Pauses accepting until descriptors may have become free.
    pub(crate) fn pause_accepting(&mut self, key: Key) {
        self.pause(key, Side::Inward, limits::ACCEPT_BACKOFF);
    }

    /// Pauses sending until the peer may have room; it is the `attempt`-th in a row.
    pub(crate) fn pause_for_peer(&mut self, key: Key, attempt: u32) {
        let length = limits::PEER_BACKOFF_MIN.saturating_mul(1 << attempt.min(16));
        self.pause(key, Side::Outward, length.min(limits::PEER_BACKOFF_MAX));
    }

    /// Tells whether what is first in a lane has to wait; so it has if there is no lane.
    pub(crate) fn is_paused(&self, key: Key, side: Side) -> bool {
        self.resources.get(key).is_none_or(|resource| resource.paused[side as usize])
    }

    /// Ends the pauses that are over.
    pub(crate) fn end_pauses(&mut self) {
        while let Some(pause) = self.pauses.front().copied() {
            let is_stale = self.resources.get(pause.key).is_none();
            if !is_stale && pause.end > self.clock.now() {
                return;
            }
            self.pauses.pop_front();
            if let Some(resource) = self.resources.get_mut(pause.key) {
                resource.paused[pause.side as usize] = false;
                self.advance(pause.key, pause.side);
            }
        }
    }

    /// Gives the end of the first pause.
    pub(crate) fn pause_end(&self) -> Time {
        self.pauses.front().map_or(Time::NEVER, |pause| pause.end)
    }

    fn pause(&mut self, key: Key, side: Side, length: Duration) {
        let end = self.clock.now() + length;
        let Some(resource) = self.resources.get_mut(key) else { return };
        if std::mem::replace(&mut resource.paused[side as usize], true) {
            return;
        }
        let behind = self.pauses.partition_point(|pause| pause.end <= end);
        self.pauses.insert(behind, Pause { end, key, side });
    }
}
