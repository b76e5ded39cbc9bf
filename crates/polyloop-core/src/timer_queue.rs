mod heap;
mod ladder;
mod slots;

use std::fmt;

use crate::Time;
use crate::slab::SlabKey;
use ladder::Ladder;
use slots::Slots;

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
    timers: Slots<T>,
    ladder: Ladder,
    /// How many were made since the numbers began anew.
    sequence: u32,
}

/// A timer's place in the order. It is live if the timer in the slot of its index has its sequence:
/// sequences do not repeat among the entries that are there.
///
/// It is small, because what a queue of many timers costs is the memory that it touches.
#[derive(Debug, Clone, Copy)]
struct Entry {
    deadline: Time,
    sequence: u32,
    index: u32,
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
        TimerQueue { timers: Slots::new(), ladder: Ladder::new(), sequence: 0 }
    }

    /// Adds a timer; [`Time::NEVER`] is kept, cancellable, and never due.
    ///
    /// # Panics
    ///
    /// If there would be 2^32 - 1 timers.
    #[inline]
    pub fn insert(&mut self, deadline: Time, value: T) -> TimerId {
        if self.sequence == u32::MAX {
            self.begin_anew();
        }
        self.sequence += 1;
        let id = self.timers.insert(self.sequence, value);
        self.ladder.push(Entry { deadline, sequence: self.sequence, index: id.index });
        id
    }

    /// Takes a timer out before it is due; nothing if it has fired or was cancelled.
    #[inline]
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        let value = self.timers.remove(id)?;
        if self.ladder.len() > SWEEP_MIN && self.ladder.len() > 2 * self.timers.len() {
            let timers = &self.timers;
            self.ladder.retain(|entry| timers.is_live(entry));
        } else if self.ladder.peek().is_some_and(|first| first.index == id.index) {
            // The first was live until now, and it is the one that was taken out.
            self.drop_stale_top();
        }
        Some(value)
    }

    /// Takes the first timer that is due at `now`; nothing if none is.
    #[inline]
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerId, T)> {
        let is_due = |entry: &Entry| entry.deadline <= now && !entry.deadline.is_never();
        let entry = self.ladder.pop_if(is_due)?;
        let fired = self.timers.take(&entry).expect("the first entry is live");
        self.drop_stale_top();
        Some(fired)
    }

    /// Gives the value of a timer that is still to come.
    pub fn get_mut(&mut self, id: TimerId) -> Option<&mut T> {
        self.timers.get_mut(id)
    }

    /// Gives the earliest deadline, [`Time::NEVER`] if there is none.
    #[inline]
    pub fn next_deadline(&self) -> Time {
        self.ladder.peek().map_or(Time::NEVER, |entry| entry.deadline)
    }

    /// Tells how many timers are still to come.
    pub fn len(&self) -> usize {
        self.timers.len()
    }

    /// Tells whether no timer is to come.
    pub fn is_empty(&self) -> bool {
        self.timers.len() == 0
    }

    fn drop_stale_top(&mut self) {
        let timers = &self.timers;
        while self.ladder.pop_if(|entry| !timers.is_live(entry)).is_some() {}
    }

    /// Numbers the timers that are there from one on, in their order.
    #[cold]
    fn begin_anew(&mut self) {
        let mut entries = std::mem::take(&mut self.ladder).into_entries();
        entries.retain(|entry| self.timers.is_live(entry));
        entries.sort_unstable_by_key(Entry::key);
        self.sequence = 0;
        for entry in &mut entries {
            self.sequence += 1;
            entry.sequence = self.sequence;
            self.timers.set_sequence(entry);
            self.ladder.push(*entry);
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
