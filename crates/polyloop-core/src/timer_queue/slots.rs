use super::{Entry, TimerId};

/// The values of timers, by ids that go stale: a [`Slab`](crate::Slab) whose entries have a sequence
/// each, in what would be padding there.
///
/// Between calls every slot has a value, or is on the free list, or has no generation left; `len` is
/// the number of values.
#[derive(Debug)]
pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    len: usize,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    /// The timer's; without a value the next slot of the free list.
    sequence: u32,
    value: Option<T>,
}

/// Ends the free list.
const NONE: u32 = u32::MAX;

impl<T> Slots<T> {
    pub(super) const fn new() -> Slots<T> {
        Slots { slots: Vec::new(), free: NONE, len: 0 }
    }

    #[inline]
    pub(super) fn insert(&mut self, sequence: u32, value: T) -> TimerId {
        self.len += 1;
        let index = self.free;
        if let Some(slot) = self.slots.get_mut(index as usize) {
            self.free = slot.sequence;
            slot.sequence = sequence;
            slot.value = Some(value);
            return TimerId { index, generation: slot.generation };
        }
        let index = u32::try_from(self.slots.len()).ok().filter(|index| *index != NONE);
        let index = index.expect("a loop has fewer than 2^32 - 1 timers");
        self.slots.push(Slot { generation: 1, sequence, value: Some(value) });
        TimerId { index, generation: 1 }
    }

    #[inline]
    pub(super) fn remove(&mut self, id: TimerId) -> Option<T> {
        let slot = self.slots.get_mut(id.index as usize)?;
        if slot.generation != id.generation {
            return None;
        }
        let value = slot.value.take()?;
        self.len -= 1;
        // Generation zero is never minted: a slot that wrapped stays off the free list.
        slot.generation = slot.generation.wrapping_add(1);
        if slot.generation != 0 {
            slot.sequence = std::mem::replace(&mut self.free, id.index);
        }
        Some(value)
    }

    /// Takes out the value of an entry that is live.
    pub(super) fn take(&mut self, entry: &Entry) -> Option<(TimerId, T)> {
        let generation = self.slots.get(entry.index as usize)?.generation;
        let id = TimerId { index: entry.index, generation };
        Some((id, self.remove(id)?))
    }

    pub(super) fn get_mut(&mut self, id: TimerId) -> Option<&mut T> {
        let slot = self.slots.get_mut(id.index as usize)?;
        if slot.generation == id.generation { slot.value.as_mut() } else { None }
    }

    pub(super) fn is_live(&self, entry: &Entry) -> bool {
        let slot = self.slots.get(entry.index as usize);
        slot.is_some_and(|slot| slot.sequence == entry.sequence && slot.value.is_some())
    }

    /// Gives the timer of a live entry that entry's sequence.
    pub(super) fn set_sequence(&mut self, entry: &Entry) {
        if let Some(slot) = self.slots.get_mut(entry.index as usize) {
            slot.sequence = entry.sequence;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Makes a timer's generation the last one of its slot.
    #[cfg(test)]
    pub(super) fn wear_out(&mut self, id: TimerId) {
        self.slots[id.index as usize].generation = u32::MAX;
    }
}
