use std::marker::PhantomData;

/// What a [`Slab`] hands out for an entry: a position and the generation that lived there.
pub trait SlabKey: Copy {
    /// Makes the key of a position and a generation.
    fn from_parts(index: u32, generation: u32) -> Self;
    /// Gives the position.
    fn index(self) -> u32;
    /// Gives the generation.
    fn generation(self) -> u32;
}

/// A table whose keys go stale when their entry is removed.
///
/// Each position counts its generations, so a key of an entry that is gone finds nothing, even
/// when the position is in use again. The last freed position is used first. A position whose
/// generations are used up (after 2^32 - 1 entries) is retired.
///
/// Between calls, every position is either occupied or on the free list, or retired; `len` is
/// the number of occupied ones.
#[derive(Debug)]
pub struct Slab<K, T> {
    entries: Vec<Entry<T>>,
    free_head: u32,
    len: usize,
    key: PhantomData<fn() -> K>,
}

#[derive(Debug)]
struct Entry<T> {
    generation: u32,
    state: State<T>,
}

#[derive(Debug)]
enum State<T> {
    Occupied(T),
    Free { next: u32 },
}

/// Ends the free list.
const NONE: u32 = u32::MAX;

impl<K: SlabKey, T> Slab<K, T> {
    /// Makes an empty table without allocating.
    pub const fn new() -> Self {
        Slab { entries: Vec::new(), free_head: NONE, len: 0, key: PhantomData }
    }

    /// Makes an empty table with room for `capacity` entries.
    pub fn with_capacity(capacity: usize) -> Self {
        Slab { entries: Vec::with_capacity(capacity), ..Slab::new() }
    }

    /// Puts `value` in and gives its key.
    ///
    /// # Panics
    ///
    /// If the table would exceed 2^32 - 1 positions; callers bound it far below.
    pub fn insert(&mut self, value: T) -> K {
        self.len += 1;
        if self.free_head == NONE {
            let index = Self::next_index(self.entries.len());
            self.entries.push(Entry { generation: 1, state: State::Occupied(value) });
            return K::from_parts(index, 1);
        }
        let index = self.free_head;
        let entry = &mut self.entries[index as usize];
        let State::Free { next } = entry.state else { unreachable!("the free list is vacant") };
        self.free_head = next;
        entry.state = State::Occupied(value);
        K::from_parts(index, entry.generation)
    }

    /// Gives the key that the next entry will have.
    #[inline]
    pub fn next_key(&self) -> K {
        match self.entries.get(self.free_head as usize) {
            Some(entry) => K::from_parts(self.free_head, entry.generation),
            None => K::from_parts(Self::next_index(self.entries.len()), 1),
        }
    }

    fn next_index(len: usize) -> u32 {
        let index = u32::try_from(len).ok().filter(|index| *index != NONE);
        index.expect("a slab is bounded by its owner")
    }

    /// Drops an entry where it is, and tells whether it was there; as [`remove`](Self::remove), which moves it.
    #[inline]
    pub fn discard(&mut self, key: K) -> bool {
        match self.entries.get_mut(key.index() as usize) {
            Some(entry)
                if entry.generation == key.generation()
                    && matches!(entry.state, State::Occupied(_)) =>
            {
                entry.state = State::Free { next: self.free_head };
                self.len -= 1;
                self.free(key);
                true
            }
            _ => false,
        }
    }

    /// Takes the entry out; its key and all copies of it are stale from then on.
    pub fn remove(&mut self, key: K) -> Option<T> {
        let entry = self.entries.get_mut(key.index() as usize)?;
        if entry.generation != key.generation() || matches!(entry.state, State::Free { .. }) {
            return None;
        }
        let vacant = State::Free { next: self.free_head };
        let State::Occupied(value) = std::mem::replace(&mut entry.state, vacant) else {
            unreachable!("checked above")
        };
        self.len -= 1;
        self.free(key);
        Some(value)
    }

    /// Puts a position that was emptied on the free list, under its next generation.
    #[inline]
    fn free(&mut self, key: K) {
        let generation = &mut self.entries[key.index() as usize].generation;
        // Generation zero is never minted: a position that wrapped stays off the free list.
        *generation = generation.wrapping_add(1);
        if *generation != 0 {
            self.free_head = key.index();
        }
    }

    /// Finds the entry of a key that is not stale, to change it.
    pub fn get_mut(&mut self, key: K) -> Option<&mut T> {
        match self.entries.get_mut(key.index() as usize) {
            Some(Entry { generation, state: State::Occupied(value) })
                if *generation == key.generation() =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// Finds the entry of a key that is not stale.
    pub fn get(&self, key: K) -> Option<&T> {
        match self.entries.get(key.index() as usize) {
            Some(Entry { generation, state: State::Occupied(value) })
                if *generation == key.generation() =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// Gives the live key at a position, for callers whose kernel remembers positions only.
    pub fn key_at(&self, index: u32) -> Option<K> {
        match self.entries.get(index as usize) {
            Some(Entry { generation, state: State::Occupied(_) }) => {
                Some(K::from_parts(index, *generation))
            }
            _ => None,
        }
    }

    /// Tells how many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Visits all entries by position.
    pub fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.entries.iter().enumerate().filter_map(|(index, entry)| match &entry.state {
            State::Occupied(value) => Some((K::from_parts(index as u32, entry.generation), value)),
            State::Free { .. } => None,
        })
    }

    /// Gives the keys of all entries by position.
    pub fn keys(&self) -> Vec<K> {
        self.iter().map(|(key, _)| key).collect()
    }
}

impl<K: SlabKey, T> Default for Slab<K, T> {
    fn default() -> Self {
        Slab::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn a_removed_key_is_stale_even_when_its_position_is_in_use_again() {
        let mut slab: Slab<Key, &str> = Slab::new();
        let first = slab.insert("first");
        assert_eq!(slab.remove(first), Some("first"));
        let second = slab.insert("second");
        assert_eq!(first.index(), second.index());
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.get_mut(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get(second), Some(&"second"));
    }

    #[test]
    fn the_last_freed_position_is_used_first() {
        let mut slab: Slab<Key, u8> = Slab::new();
        let keys: Vec<Key> = (0..4).map(|n| slab.insert(n)).collect();
        slab.remove(keys[1]);
        slab.remove(keys[3]);
        for index in [3, 1, 4] {
            let next = slab.next_key();
            assert_eq!(next.index(), index);
            assert_eq!(slab.insert(9), next);
        }
        assert_eq!(slab.len(), 5);
    }

    #[test]
    fn a_position_with_no_generation_left_is_retired() {
        let mut slab: Slab<Key, u8> = Slab::new();
        let key = slab.insert(1);
        slab.entries[0].generation = u32::MAX;
        assert_eq!(slab.remove(Key::from_parts(key.index(), u32::MAX)), Some(1));
        assert_eq!(slab.insert(2).index(), 1);
        assert!(slab.get(Key::from_parts(0, 0)).is_none());
    }
}
