use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

/// The items of a queue, in the order that makes the kind of the queue.
///
/// An item is claimed for a getter who waits, and then redeemed by him, or waived when he goes
/// away. Until then it counts as one of the items.
pub(super) trait Order: Default {
    type Item;
    /// What a getter has in hand: the item, if which it is is settled by claiming.
    type Claim;

    fn push(&mut self, item: Self::Item);

    /// Takes an item that is not claimed, if there is one.
    fn pop(&mut self) -> Option<Self::Item>;

    /// Adds an item and claims one. The caller knows that all others are claimed.
    fn push_claimed(&mut self, item: Self::Item) -> Self::Claim;

    /// Gives the item of a claim.
    fn redeem(&mut self, claim: Self::Claim) -> Option<Self::Item>;

    /// Gives a claim up: the item is there as if it had not been claimed.
    fn waive(&mut self, claim: Self::Claim);

    /// Tells how many items there are, claimed or not.
    fn len(&self) -> usize;

    /// Tells how many items there are that are not claimed.
    fn unclaimed(&self) -> usize;
}

/// First in, first out: a claim is to the item that is first when it is made.
///
/// The items in `free` are in the order of their numbers; those that are claimed are with the getters.
#[derive(Debug)]
pub(super) struct Fifo<T> {
    free: VecDeque<Numbered<T>>,
    claims: usize,
    pushed: u64,
}

/// Last in, first out: a claim is to the item that is last when it is redeemed.
#[derive(Debug)]
pub(super) struct Lifo<T> {
    items: Vec<T>,
    claims: usize,
}

/// The smallest first, equal ones first in, first out: a claim is to the item that is smallest
/// when it is redeemed.
#[derive(Debug)]
pub(super) struct Smallest<T> {
    heap: BinaryHeap<Reverse<Numbered<T>>>,
    claims: usize,
    pushed: u64,
}

/// An item and how many were pushed before it.
#[derive(Debug)]
pub(super) struct Numbered<T> {
    item: T,
    number: u64,
}

impl<T> Fifo<T> {
    fn number(&mut self, item: T) -> Numbered<T> {
        let number = self.pushed;
        self.pushed += 1;
        Numbered { item, number }
    }
}

impl<T> Order for Fifo<T> {
    type Item = T;
    type Claim = Numbered<T>;

    fn push(&mut self, item: T) {
        let last = self.number(item);
        self.free.push_back(last);
    }

    fn pop(&mut self) -> Option<T> {
        Some(self.free.pop_front()?.item)
    }

    fn push_claimed(&mut self, item: T) -> Numbered<T> {
        debug_assert!(self.free.is_empty(), "an item that is not claimed comes first");
        self.claims += 1;
        self.number(item)
    }

    fn redeem(&mut self, claim: Numbered<T>) -> Option<T> {
        self.claims -= 1;
        Some(claim.item)
    }

    fn waive(&mut self, claim: Numbered<T>) {
        self.claims -= 1;
        // Its place is in front, but for those that were waived before.
        let place = self.free.partition_point(|other| other.number < claim.number);
        self.free.insert(place, claim);
    }

    fn len(&self) -> usize {
        self.free.len() + self.claims
    }

    fn unclaimed(&self) -> usize {
        self.free.len()
    }
}

impl<T> Order for Lifo<T> {
    type Item = T;
    type Claim = ();

    fn push(&mut self, item: T) {
        self.items.push(item);
    }

    fn pop(&mut self) -> Option<T> {
        if self.unclaimed() == 0 { None } else { self.items.pop() }
    }

    fn push_claimed(&mut self, item: T) {
        self.claims += 1;
        self.items.push(item);
    }

    fn redeem(&mut self, (): ()) -> Option<T> {
        self.claims -= 1;
        self.items.pop()
    }

    fn waive(&mut self, (): ()) {
        self.claims -= 1;
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    fn unclaimed(&self) -> usize {
        self.items.len() - self.claims
    }
}

impl<T: Ord> Order for Smallest<T> {
    type Item = T;
    type Claim = ();

    fn push(&mut self, item: T) {
        self.heap.push(Reverse(Numbered { item, number: self.pushed }));
        self.pushed += 1;
    }

    fn pop(&mut self) -> Option<T> {
        if self.unclaimed() == 0 { None } else { Some(self.heap.pop()?.0.item) }
    }

    fn push_claimed(&mut self, item: T) {
        self.push(item);
        self.claims += 1;
    }

    fn redeem(&mut self, (): ()) -> Option<T> {
        self.claims -= 1;
        Some(self.heap.pop()?.0.item)
    }

    fn waive(&mut self, (): ()) {
        self.claims -= 1;
    }

    fn len(&self) -> usize {
        self.heap.len()
    }

    /// A comparison that panics can leave fewer items than claims.
    fn unclaimed(&self) -> usize {
        self.heap.len().saturating_sub(self.claims)
    }
}

impl<T> Default for Fifo<T> {
    fn default() -> Fifo<T> {
        Fifo { free: VecDeque::new(), claims: 0, pushed: 0 }
    }
}

impl<T> Default for Lifo<T> {
    fn default() -> Lifo<T> {
        Lifo { items: Vec::new(), claims: 0 }
    }
}

impl<T: Ord> Default for Smallest<T> {
    fn default() -> Smallest<T> {
        Smallest { heap: BinaryHeap::new(), claims: 0, pushed: 0 }
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
