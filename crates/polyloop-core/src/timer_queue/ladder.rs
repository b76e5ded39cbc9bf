use super::Entry;
use super::heap::Heap;

/// Entries in order, of which only the near ones are kept so.
///
/// The near ones are a heap that fits a cache; those behind are on rungs, each of which comes
/// before the next, in no order on a rung. When the near ones are used up, the first of the
/// lowest rung take their place: what waits long, or is cancelled before its time, is put down and
/// moved in long sweeps, and what is small is a heap and nothing else.
///
/// Between calls `near` is empty only if all is; every entry of it comes before those of the last
/// rung, and every entry of a rung has a key of its `from` or more, and less than the `from` of the
/// rung before it in the list. No rung is empty.
#[derive(Debug, Default)]
pub(super) struct Ladder {
    near: Heap,
    /// The furthest first.
    rungs: Vec<Rung>,
    len: usize,
}

#[derive(Debug)]
struct Rung {
    from: u128,
    entries: Vec<Entry>,
}

/// Entries of the heap at which half of them is put on a rung: 200 KiB.
const NEAR_MAX: usize = 8192;

/// The part of a rung that is taken when there is more than fits: one in so many.
const PART: usize = 4;

impl Ladder {
    pub(super) const fn new() -> Ladder {
        Ladder { near: Heap::new(), rungs: Vec::new(), len: 0 }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.len += 1;
        let key = entry.key();
        if self.rungs.last().is_none_or(|rung| key < rung.from) {
            self.near.push(entry);
            if self.near.len() > NEAR_MAX {
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
        self.near.peek()
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        let top = self.near.pop()?;
        self.len -= 1;
        if self.near.len() == 0 {
            self.take_up();
        }
        Some(top)
    }

    /// Keeps some, in linear time.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        self.near.retain(&mut keep);
        self.rungs.iter_mut().for_each(|rung| rung.entries.retain(&mut keep));
        self.rungs.retain(|rung| !rung.entries.is_empty());
        self.len =
            self.near.len() + self.rungs.iter().map(|rung| rung.entries.len()).sum::<usize>();
        if self.near.len() == 0 {
            self.take_up();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts the later half of the near ones on a new rung.
    fn put_down(&mut self) {
        let mut earlier = std::mem::take(&mut self.near).into_entries();
        let half = earlier.len() / 2;
        let later = split_off_later(&mut earlier, half);
        self.rungs.push(later);
        self.near = Heap::of(earlier);
    }

    /// Makes the first of those on the lowest rung the near ones.
    fn take_up(&mut self) {
        while let Some(mut rung) = self.rungs.pop() {
            if rung.entries.len() <= NEAR_MAX / 2 {
                self.near = Heap::of(rung.entries);
                return;
            }
            let part = (rung.entries.len() / PART).max(NEAR_MAX / 2);
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
