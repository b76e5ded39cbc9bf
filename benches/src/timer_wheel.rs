use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;

use polyloop_core::{Slab, Time, TimerId};

/// The hierarchical wheel that the timer queue of core was compared with (decisions 0007 and 0014): the same
/// interface and the same promises, exact to the nanosecond.
///
/// Eight levels of 64 slots; a slot of level 0 is 2^20 ns, a slot of each level above is 64 of the
/// level below. The level of a timer is the highest group of six bits in which its tick differs
/// from the horizon's, so the first slot in use of the lowest level in use holds the earliest.
/// Only a slot whose time has come is opened: level 0 goes to `near`, the others spread over the
/// levels below.
///
/// Between calls: the live timers up to the horizon's tick are in `near`, the others in the wheel,
/// except for those that are never due, which are in neither. If `near` is empty the first slot is
/// a heap, and the top of whichever is first is live.
pub struct TimerWheel<T> {
    timers: Slab<TimerId, T>,
    near: BinaryHeap<Reverse<Entry>>,
    /// For each level, which slots have entries.
    occupied: [u64; LEVELS],
    slots: Vec<Slot>,
    horizon: u64,
    sequence: u64,
    /// Entries in `near` and the wheel, those of cancelled timers among them.
    entries: usize,
    spare: Vec<Vec<Reverse<Entry>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    deadline: Time,
    sequence: u64,
    id: TimerId,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.deadline, self.sequence).cmp(&(other.deadline, other.sequence))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A slot is a list until it is the first; then it is a heap, so that its earliest is known.
enum Slot {
    List(Vec<Reverse<Entry>>),
    Heap(BinaryHeap<Reverse<Entry>>),
}

const TICK_BITS: u32 = 20;
const SLOT_BITS: u32 = 6;
const LEVELS: usize = 8;
const REBUILD_MIN: usize = 64;
const SPARE_MAX: usize = 64;

impl<T> TimerWheel<T> {
    /// Makes an empty wheel.
    pub fn new() -> Self {
        TimerWheel {
            timers: Slab::new(),
            near: BinaryHeap::new(),
            occupied: [0; LEVELS],
            slots: (0..LEVELS << SLOT_BITS).map(|_| Slot::List(Vec::new())).collect(),
            horizon: 0,
            sequence: 0,
            entries: 0,
            spare: Vec::new(),
        }
    }

    /// Adds a timer.
    pub fn insert(&mut self, deadline: Time, value: T) -> TimerId {
        let id = self.timers.insert(value);
        self.sequence += 1;
        if !deadline.is_never() {
            self.entries += 1;
            self.place(Entry { deadline, sequence: self.sequence, id });
            if self.near.is_empty()
                && let Some((level, slot)) = self.first_slot()
            {
                self.slots[level << SLOT_BITS | slot].heap();
            }
        }
        id
    }

    /// Takes a timer out before it is due.
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        let value = self.timers.remove(id)?;
        if self.entries > REBUILD_MIN && self.entries > 2 * self.timers.len() {
            self.rebuild();
        }
        self.settle();
        Some(value)
    }

    /// Takes the first timer that is due at `now`.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerId, T)> {
        let mut opened = false;
        while self.near.is_empty() {
            let Some((level, slot)) = self.first_slot() else { break };
            if self.start_of(level, slot) > tick_of(now) {
                break;
            }
            self.open(level, slot);
            self.drop_stale_near();
            opened = true;
        }
        let due = match self.near.peek() {
            Some(Reverse(entry)) if entry.deadline <= now => *entry,
            _ => {
                if opened {
                    self.settle();
                }
                return None;
            }
        };
        self.near.pop();
        self.entries -= 1;
        let value = self.timers.remove(due.id).expect("the top of the heap is live");
        self.settle();
        Some((due.id, value))
    }

    /// Gives the earliest deadline.
    pub fn next_deadline(&self) -> Time {
        if let Some(Reverse(entry)) = self.near.peek() {
            return entry.deadline;
        }
        match self.first_slot().map(|(level, slot)| &self.slots[level << SLOT_BITS | slot]) {
            Some(Slot::Heap(heap)) => {
                heap.peek().map_or(Time::NEVER, |Reverse(entry)| entry.deadline)
            }
            Some(Slot::List(_)) => unreachable!("the first slot is a heap"),
            None => Time::NEVER,
        }
    }

    /// Tells how many timers are still to come.
    pub fn len(&self) -> usize {
        self.timers.len()
    }

    /// Tells whether no timer is to come.
    pub fn is_empty(&self) -> bool {
        self.timers.is_empty()
    }

    fn place(&mut self, entry: Entry) {
        let tick = tick_of(entry.deadline);
        if tick <= self.horizon {
            self.near.push(Reverse(entry));
            return;
        }
        let level = ((tick ^ self.horizon).ilog2() / SLOT_BITS) as usize;
        let slot = (tick >> (SLOT_BITS as usize * level)) as usize & ((1 << SLOT_BITS) - 1);
        let place = &mut self.slots[level << SLOT_BITS | slot];
        if self.occupied[level] & (1 << slot) == 0 {
            self.occupied[level] |= 1 << slot;
            *place = Slot::List(self.spare.pop().unwrap_or_default());
        }
        match place {
            Slot::List(list) => list.push(Reverse(entry)),
            Slot::Heap(heap) => heap.push(Reverse(entry)),
        }
    }

    fn first_slot(&self) -> Option<(usize, usize)> {
        let level = self.occupied.iter().position(|slots| *slots != 0)?;
        Some((level, self.occupied[level].trailing_zeros() as usize))
    }

    fn start_of(&self, level: usize, slot: usize) -> u64 {
        let shift = SLOT_BITS as usize * level;
        let above = self.horizon >> (shift + SLOT_BITS as usize) << (shift + SLOT_BITS as usize);
        above | (slot as u64) << shift
    }

    /// Moves the horizon to a slot's start and its timers to where they belong then.
    fn open(&mut self, level: usize, slot: usize) {
        self.horizon = self.start_of(level, slot);
        let mut entries = self.take(level, slot);
        if level == 0 {
            let empty = std::mem::replace(&mut self.near, BinaryHeap::from(entries));
            entries = empty.into_vec();
        } else {
            for Reverse(entry) in entries.drain(..) {
                self.place(entry);
            }
        }
        self.keep(entries);
    }

    fn take(&mut self, level: usize, slot: usize) -> Vec<Reverse<Entry>> {
        self.occupied[level] &= !(1 << slot);
        match std::mem::replace(&mut self.slots[level << SLOT_BITS | slot], Slot::List(Vec::new()))
        {
            Slot::List(list) => list,
            Slot::Heap(heap) => heap.into_vec(),
        }
    }

    fn keep(&mut self, entries: Vec<Reverse<Entry>>) {
        debug_assert!(entries.is_empty());
        if self.spare.len() < SPARE_MAX {
            self.spare.push(entries);
        }
    }

    fn drop_stale_near(&mut self) {
        while let Some(Reverse(entry)) = self.near.peek()
            && self.timers.get(entry.id).is_none()
        {
            self.near.pop();
            self.entries -= 1;
        }
    }

    /// Restores that the earliest entry is live and known.
    fn settle(&mut self) {
        self.drop_stale_near();
        while self.near.is_empty() {
            let Some((level, slot)) = self.first_slot() else { return };
            let heap = self.slots[level << SLOT_BITS | slot].heap();
            while let Some(Reverse(entry)) = heap.peek()
                && self.timers.get(entry.id).is_none()
            {
                heap.pop();
                self.entries -= 1;
            }
            if !heap.is_empty() {
                return;
            }
            let empty = self.take(level, slot);
            self.keep(empty);
        }
    }

    fn rebuild(&mut self) {
        let timers = &self.timers;
        let live = |Reverse(entry): &Reverse<Entry>| timers.get(entry.id).is_some();
        self.near.retain(live);
        self.entries = self.near.len();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            match slot {
                Slot::List(list) => list.retain(live),
                Slot::Heap(heap) => heap.retain(live),
            }
            self.entries += slot.len();
            if slot.len() == 0 {
                self.occupied[index >> SLOT_BITS] &= !(1 << (index & ((1 << SLOT_BITS) - 1)));
            }
        }
    }
}

impl<T> fmt::Debug for TimerWheel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimerWheel").field("timers", &self.timers.len()).finish_non_exhaustive()
    }
}

impl Slot {
    fn heap(&mut self) -> &mut BinaryHeap<Reverse<Entry>> {
        if let Slot::List(list) = self {
            *self = Slot::Heap(BinaryHeap::from(std::mem::take(list)));
        }
        let Slot::Heap(heap) = self else { unreachable!("made one above") };
        heap
    }

    fn len(&self) -> usize {
        match self {
            Slot::List(list) => list.len(),
            Slot::Heap(heap) => heap.len(),
        }
    }
}

impl<T> Default for TimerWheel<T> {
    fn default() -> Self {
        TimerWheel::new()
    }
}

fn tick_of(time: Time) -> u64 {
    time.as_nanos() >> TICK_BITS
}

#[cfg(test)]
mod tests;
