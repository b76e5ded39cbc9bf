mod heap;
mod ladder;

use std::fmt;

use crate::Time;
use crate::slab::{Slab, SlabKey};
use ladder::Ladder;

/// Names one timer of one [`TimerQueue`]; stale once the timer has fired or was cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerId {
    index: u32,
    generation: u32,
}

impl SlabKey for TimerId {
    fn from_parts(index: u32, generation: u32) -> Self {
        TimerId { index, generation }
    }

    fn index(self) -> u32 {
        self.index
    }

    fn generation(self) -> u32 {
        self.generation
    }
}

impl fmt::Debug for TimerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimerId({}v{})", self.index, self.generation)
    }
}

/// Timers in order of their deadlines, equal deadlines first in, first out.
///
/// Cancelling only forgets the timer: its entry stays and is passed over, and when
/// such entries outnumber the live ones all are swept out, so a cancel costs constant time
/// over the long run. Pure: it knows no clock.
///
/// Between calls every live timer has exactly one entry, and the first entry is live.
#[derive(Debug)]
pub struct TimerQueue<T> {
    timers: Slab<TimerId, T>,
    ladder: Ladder,
    sequence: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    deadline: Time,
    sequence: u64,
    id: TimerId,
}

impl Entry {
    /// Gives what the order is by, as one number: comparing it takes no branch.
    fn key(&self) -> u128 {
        u128::from(self.deadline.as_nanos()) << 64 | u128::from(self.sequence)
    }
}

/// Sweeping fewer entries than this is not worth the look.
const SWEEP_MIN: usize = 64;

impl<T> TimerQueue<T> {
    /// Makes an empty queue.
    pub fn new() -> Self {
        TimerQueue { timers: Slab::new(), ladder: Ladder::new(), sequence: 0 }
    }

    /// Adds a timer; [`Time::NEVER`] is kept, cancellable, and never due.
    pub fn insert(&mut self, deadline: Time, value: T) -> TimerId {
        let id = self.timers.insert(value);
        self.sequence += 1;
        self.ladder.push(Entry { deadline, sequence: self.sequence, id });
        id
    }

    /// Takes a timer out before it is due; nothing if it has fired or was cancelled.
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        let value = self.timers.remove(id)?;
        if self.ladder.len() > SWEEP_MIN && self.ladder.len() > 2 * self.timers.len() {
            let timers = &self.timers;
            self.ladder.retain(|entry| timers.get(entry.id).is_some());
        }
        self.drop_stale_top();
        Some(value)
    }

    /// Takes the first timer that is due at `now`; nothing if none is.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerId, T)> {
        let entry = *self.ladder.peek()?;
        if entry.deadline > now || entry.deadline.is_never() {
            return None;
        }
        self.ladder.pop();
        let value = self.timers.remove(entry.id).expect("the first entry is live");
        self.drop_stale_top();
        Some((entry.id, value))
    }

    /// Gives the value of a timer that is still to come.
    pub fn get_mut(&mut self, id: TimerId) -> Option<&mut T> {
        self.timers.get_mut(id)
    }

    /// Gives the earliest deadline, [`Time::NEVER`] if there is none.
    pub fn next_deadline(&self) -> Time {
        self.ladder.peek().map_or(Time::NEVER, |entry| entry.deadline)
    }

    /// Tells how many timers are still to come.
    pub fn len(&self) -> usize {
        self.timers.len()
    }

    /// Tells whether no timer is to come.
    pub fn is_empty(&self) -> bool {
        self.timers.is_empty()
    }

    fn drop_stale_top(&mut self) {
        while let Some(entry) = self.ladder.peek() {
            if self.timers.get(entry.id).is_some() {
                return;
            }
            self.ladder.pop();
        }
    }
}

impl<T> Default for TimerQueue<T> {
    fn default() -> Self {
        TimerQueue::new()
    }
}

#[cfg(test)]
mod tests;
