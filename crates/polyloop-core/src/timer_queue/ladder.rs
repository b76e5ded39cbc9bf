use std::cmp::Reverse;

use super::Entry;
use super::heap::Heap;

/// Entries in order, of which only the near ones are kept so.
///
/// The near ones are a sorted list, of what was near when it was made, and a heap, of what has come
/// since; both fit a cache. Those behind are on rungs, each of which comes before the next, in no
/// order on a rung. When the near ones are used up, the first of the lowest rung take their place:
/// what waits long, or is cancelled before its time, is put down and moved in long sweeps, and what
/// is small is a heap and nothing else.
///
/// Between calls `sorted` and `heap` are empty only if all is; every entry of theirs comes before
/// those of the last rung, and every entry of a rung has a key of its `from` or more, and less than
/// the `from` of the rung before it in the list. No rung is empty.
#[derive(Debug, Default)]
pub(super) struct Ladder {
    /// The latest first.
    sorted: Vec<Entry>,
    heap: Heap,
    /// The furthest first.
    rungs: Vec<Rung>,
    len: usize,
}

#[derive(Debug)]
struct Rung {
    from: u128,
    entries: Vec<Entry>,
}

/// Entries of the heap at which half of the near ones are put on a rung: 128 KiB.
const HEAP_MAX: usize = 8192;

/// Entries that are sorted at once.
const SORTED_MAX: usize = 8192;

/// The part of a rung that is taken when there is more than fits: one in so many.
const PART: usize = 4;

impl Ladder {
    pub(super) const fn new() -> Ladder {
        Ladder { sorted: Vec::new(), heap: Heap::new(), rungs: Vec::new(), len: 0 }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.len += 1;
        let key = entry.key();
        if self.rungs.last().is_none_or(|rung| key < rung.from) {
            self.heap.push(entry);
            if self.heap.len() > HEAP_MAX {
                self.put_down();
            }
            return;
        }
        // The furthest rungs hold the most, so it is most likely one of them.
        if let Some(rung) = self.rungs.iter_mut().find(|rung| rung.from <= key) {
            rung.entries.push(entry);
        }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<&Entry> {
        match (self.sorted.last(), self.heap.peek()) {
            (Some(sorted), Some(newer)) if newer.key() < sorted.key() => Some(newer),
            (Some(sorted), _) => Some(sorted),
            (None, newer) => newer,
        }
    }

    /// Takes the first entry if it is such a one.
    #[inline]
    pub(super) fn pop_if(&mut self, is_such: impl FnOnce(&Entry) -> bool) -> Option<Entry> {
        let first = *self.peek()?;
        if !is_such(&first) {
            return None;
        }
        if self.sorted.last().is_some_and(|sorted| sorted.sequence == first.sequence) {
            self.sorted.pop();
        } else {
            self.heap.pop();
        }
        self.len -= 1;
        if self.sorted.is_empty() && self.heap.len() == 0 {
            self.take_up();
        }
        Some(first)
    }

    /// Keeps some, in linear time.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        self.sorted.retain(&mut keep);
        self.heap.retain(&mut keep);
        self.rungs.iter_mut().for_each(|rung| rung.entries.retain(&mut keep));
        self.rungs.retain(|rung| !rung.entries.is_empty());
        let far: usize = self.rungs.iter().map(|rung| rung.entries.len()).sum();
        self.len = self.sorted.len() + self.heap.len() + far;
        if self.sorted.is_empty() && self.heap.len() == 0 {
            self.take_up();
        }
    }

    /// Gives all entries, in no order.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        let mut entries = self.heap.into_entries();
        entries.extend(self.sorted);
        entries.extend(self.rungs.into_iter().flat_map(|rung| rung.entries));
        entries
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts the later half of the near ones on a new rung.
    #[cold]
    fn put_down(&mut self) {
        let mut earlier = std::mem::take(&mut self.heap).into_entries();
        earlier.append(&mut self.sorted);
        let half = earlier.len() / 2;
        let later = split_off_later(&mut earlier, half);
        self.rungs.push(later);
        self.heap = Heap::of(earlier);
    }

    /// Makes the first of those on the lowest rung the near ones.
    #[cold]
    fn take_up(&mut self) {
        while let Some(mut rung) = self.rungs.pop() {
            if rung.entries.len() <= SORTED_MAX {
                rung.entries.sort_unstable_by_key(|entry| Reverse(entry.key()));
                self.sorted = rung.entries;
                return;
            }
            let part = (rung.entries.len() / PART).max(SORTED_MAX);
            let later = split_off_later(&mut rung.entries, part);
            self.rungs.push(later);
            self.rungs.push(rung);
        }
    }
}

/// Leaves the earliest `count`, which is less than there are, and gives the others.
fn split_off_later(entries: &mut Vec<Entry>, count: usize) -> Rung {
    let (_, first, _) = entries.select_nth_unstable_by_key(count, Entry::key);
    let from = first.key();
    Rung { from, entries: entries.split_off(count) }
}
