//! Pauses: what is attempted again later because nothing will tell when it could succeed.

use std::time::Duration;

use polyloop_core::{Key, Time, limits};

use crate::engine::Engine;
use crate::resource::{Direction, Flow};
use crate::selector::Selector;

/// When a lane goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    end: Time,
    key: Key,
    direction: Direction,
}

impl<S: Selector> Engine<S> {
    /// Pauses accepting until descriptors may have become free.
    pub(crate) fn pause_accepting(&mut self, key: Key) {
        self.pause(key, Direction::Inward, limits::ACCEPT_BACKOFF);
    }

    /// Pauses sending or connecting until the peer may have room.
    pub(crate) fn pause_for_peer(&mut self, key: Key) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        let retries = &mut resource.outward.retries;
        let length = limits::PEER_BACKOFF_MIN.saturating_mul(1 << (*retries).min(16));
        *retries = retries.saturating_add(1);
        self.pause(key, Direction::Outward, length.min(limits::PEER_BACKOFF_MAX));
    }

    /// Goes on where the pause is over.
    pub(crate) fn end_pauses(&mut self) {
        while let Some(pause) = self.pauses.front().copied() {
            if self.clock.now() < pause.end {
                return;
            }
            self.pauses.pop_front();
            if let Some(resource) = self.resources.get_mut(pause.key) {
                let lane = resource.lane_mut(pause.direction);
                lane.paused = false;
                lane.flow = Flow::Open;
                self.mark_ready(pause.key);
            }
        }
    }

    /// Gives the end of the first pause.
    pub(crate) fn next_deadline(&self) -> Time {
        self.pauses.front().map_or(Time::NEVER, |pause| pause.end)
    }

    fn pause(&mut self, key: Key, direction: Direction, length: Duration) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        resource.lane_mut(direction).paused = true;
        let end = self.clock.now() + length;
        let behind = self.pauses.partition_point(|pause| pause.end <= end);
        self.pauses.insert(behind, Pause { end, key, direction });
    }
}
