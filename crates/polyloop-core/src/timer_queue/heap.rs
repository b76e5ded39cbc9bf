use super::Entry;

/// A heap of entries, the earliest at the top, in which each has up to four below it.
///
/// With four it is half as deep as with two, and the four are neighbours in memory: what a heap
/// of many entries costs is the memory that it touches on the way down. Decision 0014 has the figures.
///
/// Between calls no entry comes before the one above it.
#[derive(Debug, Default)]
pub(super) struct Heap {
    entries: Vec<Entry>,
}

const BELOW: usize = 4;

impl Heap {
    pub(super) const fn new() -> Heap {
        Heap { entries: Vec::new() }
    }

    /// Makes a heap, in linear time.
    pub(super) fn of(entries: Vec<Entry>) -> Heap {
        let mut heap = Heap { entries };
        heap.order();
        heap
    }

    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        self.rise(self.entries.len() - 1, entry);
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<&Entry> {
        self.entries.first()
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        let last = self.entries.pop()?;
        let Some(top) = self.entries.first_mut() else { return Some(last) };
        let top = std::mem::replace(top, last);
        // What was last belongs near the bottom, so it is not compared on the way down.
        let bottom = self.sink(0);
        self.rise(bottom, last);
        Some(top)
    }

    /// Keeps some, in linear time.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Entry) -> bool) {
        self.entries.retain(keep);
        self.order();
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn order(&mut self) {
        for place in (0..self.entries.len().div_ceil(BELOW)).rev() {
            let entry = self.entries[place];
            let bottom = self.sink(place);
            self.rise_to(place, bottom, entry);
        }
    }

    /// Moves the earliest of those below up, down to the bottom, and tells which place is free.
    fn sink(&mut self, mut place: usize) -> usize {
        loop {
            let first = BELOW * place + 1;
            let earliest = match self.entries.get(first..first + BELOW) {
                Some([a, b, c, d]) => {
                    let (left, left_key) =
                        if b.key() < a.key() { (1, b.key()) } else { (0, a.key()) };
                    let (right, right_key) =
                        if d.key() < c.key() { (3, d.key()) } else { (2, c.key()) };
                    first + if right_key < left_key { right } else { left }
                }
                _ => {
                    let rest = first..self.entries.len();
                    let Some(last) = rest.min_by_key(|below| self.entries[*below].key()) else {
                        return place;
                    };
                    last
                }
            };
            self.entries[place] = self.entries[earliest];
            place = earliest;
        }
    }

    fn rise(&mut self, place: usize, entry: Entry) {
        self.rise_to(0, place, entry);
    }

    /// Moves an entry up from a free place for as long as it comes before what is above, but not
    /// above `top`.
    fn rise_to(&mut self, top: usize, mut place: usize, entry: Entry) {
        while place > top {
            let above = (place - 1) / BELOW;
            if self.entries[above].key() <= entry.key() {
                break;
            }
            self.entries[place] = self.entries[above];
            place = above;
        }
        self.entries[place] = entry;
    }
}
