use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

use polyloop_core::{Slab, SlabKey};

/// The items of a queue, in the order that makes the kind of the queue.
///
/// An item is claimed for somebody, and then redeemed by him, or waived when he goes away.
pub(super) trait Order: Default {
    type Item;
    /// What a claim remembers: which item it is, if that is settled by claiming.
    type Claim: Copy;

    fn push(&mut self, item: Self::Item);

    /// Claims an item. The caller knows that there is one that is not claimed.
    fn claim(&mut self) -> Self::Claim;

    /// Gives the item of a claim; none if the items were dropped since.
    fn redeem(&mut self, claim: Self::Claim) -> Option<Self::Item>;

    /// Gives a claim up: the item is there as if it had not been claimed.
    fn waive(&mut self, claim: Self::Claim);

    /// Tells how many items there are, claimed or not.
    fn len(&self) -> usize;
}

/// First in, first out: a claim is to the item that is first when it is made.
///
/// The items in `free` are in the order of their numbers.
#[derive(Debug)]
pub(super) struct Fifo<T> {
    free: VecDeque<Numbered<T>>,
    claimed: Slab<ClaimId, Numbered<T>>,
    pushed: u64,
}

/// Last in, first out: a claim is to the item that is last when it is redeemed.
#[derive(Debug)]
pub(super) struct Lifo<T>(Vec<T>);

/// The smallest first, equal ones first in, first out: a claim is to the item that is smallest
/// when it is redeemed.
#[derive(Debug)]
pub(super) struct Smallest<T> {
    heap: BinaryHeap<Reverse<Numbered<T>>>,
    pushed: u64,
}

/// Names a claimed item of a [`Fifo`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ClaimId {
    index: u32,
    generation: u32,
}

/// An item and how many were pushed before it.
#[derive(Debug)]
struct Numbered<T> {
    item: T,
    number: u64,
}

impl<T> Order for Fifo<T> {
    type Item = T;
    type Claim = ClaimId;

    fn push(&mut self, item: T) {
        self.free.push_back(Numbered { item, number: self.pushed });
        self.pushed += 1;
    }

    fn claim(&mut self) -> ClaimId {
        let first = self.free.pop_front().expect("there is an item that is not claimed");
        self.claimed.insert(first)
    }

    fn redeem(&mut self, claim: ClaimId) -> Option<T> {
        Some(self.claimed.remove(claim)?.item)
    }

    fn waive(&mut self, claim: ClaimId) {
        if let Some(entry) = self.claimed.remove(claim) {
            // Its place is in front, but for those that were waived before.
            let place = self.free.partition_point(|other| other.number < entry.number);
            self.free.insert(place, entry);
        }
    }

    fn len(&self) -> usize {
        self.free.len() + self.claimed.len()
    }
}

impl<T> Order for Lifo<T> {
    type Item = T;
    type Claim = ();

    fn push(&mut self, item: T) {
        self.0.push(item);
    }

    fn claim(&mut self) {}

    fn redeem(&mut self, (): ()) -> Option<T> {
        self.0.pop()
    }

    fn waive(&mut self, (): ()) {}

    fn len(&self) -> usize {
        self.0.len()
    }
}

impl<T: Ord> Order for Smallest<T> {
    type Item = T;
    type Claim = ();

    fn push(&mut self, item: T) {
        self.heap.push(Reverse(Numbered { item, number: self.pushed }));
        self.pushed += 1;
    }

    fn claim(&mut self) {}

    fn redeem(&mut self, (): ()) -> Option<T> {
        Some(self.heap.pop()?.0.item)
    }

    fn waive(&mut self, (): ()) {}

    fn len(&self) -> usize {
        self.heap.len()
    }
}

impl SlabKey for ClaimId {
    fn from_parts(index: u32, generation: u32) -> ClaimId {
        ClaimId { index, generation }
    }

    fn index(self) -> u32 {
        self.index
    }

    fn generation(self) -> u32 {
        self.generation
    }
}

impl<T> Default for Fifo<T> {
    fn default() -> Fifo<T> {
        Fifo { free: VecDeque::new(), claimed: Slab::new(), pushed: 0 }
    }
}

impl<T> Default for Lifo<T> {
    fn default() -> Lifo<T> {
        Lifo(Vec::new())
    }
}

impl<T: Ord> Default for Smallest<T> {
    fn default() -> Smallest<T> {
        Smallest { heap: BinaryHeap::new(), pushed: 0 }
    }
}

impl<T: Ord> Ord for Numbered<T> {
    fn cmp(&self, other: &Numbered<T>) -> Ordering {
        self.item.cmp(&other.item).then(self.number.cmp(&other.number))
    }
}

impl<T: Ord> PartialOrd for Numbered<T> {
    fn partial_cmp(&self, other: &Numbered<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> PartialEq for Numbered<T> {
    fn eq(&self, other: &Numbered<T>) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Ord> Eq for Numbered<T> {}
