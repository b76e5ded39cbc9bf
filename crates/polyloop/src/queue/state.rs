use std::marker::PhantomData;
use std::task::Waker;

use super::order::Order;
use crate::sync::{Line, State, Waiters};
use crate::task::Awaited;

/// What a queue holds, who waits at it, and what was handed to whom.
///
/// A getter is handed a claim to an item, and a putter a place for one. The item itself moves only
/// when they run: one whose getter goes away is in the queue as before, and one whose putter goes
/// away was never in it.
///
/// Between calls:
/// * no getter waits while there is an item that is not claimed;
/// * no putter waits while there is a place that is not taken;
/// * after the shutdown no putter waits, and no getter if there is no item;
/// * nobody waits for the join while nothing is unfinished;
/// * there are at most `maxsize` items and places of putters together, if that is not zero;
/// * no more items are claimed than there are, but after an immediate shutdown.
pub(super) struct QueueState<O: Order> {
    items: O,
    maxsize: usize,
    claims: usize,
    places: usize,
    unfinished: usize,
    shut_down: bool,
    getters: Waiters<Grant<O::Claim>>,
    putters: Waiters<Grant<()>>,
    joiners: Waiters,
}

/// The answer to a getter or a putter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Grant<C> {
    /// A claim or a place, to be redeemed or returned.
    Served(C),
    /// The queue is shut down; there is nothing to be had.
    Ended,
}

/// Getters wait for an item.
pub(super) struct Getters<O>(PhantomData<O>);

/// Putters wait for room.
pub(super) struct Putters<O>(PhantomData<O>);

/// Joiners wait until nothing is unfinished.
pub(super) struct Joiners<O>(PhantomData<O>);

impl<O: Order> QueueState<O> {
    pub(super) fn new(maxsize: usize) -> QueueState<O> {
        QueueState {
            items: O::default(),
            maxsize,
            claims: 0,
            places: 0,
            unfinished: 0,
            shut_down: false,
            getters: Waiters::new(),
            putters: Waiters::new(),
            joiners: Waiters::new(),
        }
    }

    /// Claims an item for a newcomer, if he need not wait.
    pub(super) fn claim(&mut self) -> Option<Grant<O::Claim>> {
        if self.has_unclaimed() {
            self.claims += 1;
            return Some(Grant::Served(self.items.claim()));
        }
        self.is_drained().then_some(Grant::Ended)
    }

    /// Keeps a place for a newcomer, if he need not wait.
    pub(super) fn reserve(&mut self) -> Option<Grant<()>> {
        if self.shut_down {
            return Some(Grant::Ended);
        }
        let any = self.has_place();
        any.then(|| {
            self.places += 1;
            Grant::Served(())
        })
    }

    /// Takes the item of a claim out; none if the queue has ended meanwhile.
    pub(super) fn take(&mut self, grant: Grant<O::Claim>) -> Option<O::Item> {
        let Grant::Served(claim) = grant else { return None };
        self.claims -= 1;
        let item = self.items.redeem(claim);
        self.settle();
        item
    }

    /// Puts an item in the place kept for it; gives it back if the queue has ended meanwhile.
    pub(super) fn deposit(&mut self, grant: Grant<()>, item: O::Item) -> Result<(), O::Item> {
        if grant != Grant::Ended {
            self.places -= 1;
        }
        if self.shut_down {
            return Err(item);
        }
        self.items.push(item);
        self.unfinished += 1;
        self.settle();
        Ok(())
    }

    /// Marks an item done, and tells whether one was not.
    pub(super) fn finish_one(&mut self) -> bool {
        let any = self.unfinished > 0;
        if any {
            self.unfinished -= 1;
            self.settle();
        }
        any
    }

    /// Shuts down, and gives the items that nobody shall have any more.
    pub(super) fn shut_down(&mut self, immediate: bool) -> O {
        self.shut_down = true;
        let dropped = if immediate { std::mem::take(&mut self.items) } else { O::default() };
        self.unfinished = self.unfinished.saturating_sub(dropped.len());
        self.settle();
        dropped
    }

    pub(super) fn maxsize(&self) -> usize {
        self.maxsize
    }

    pub(super) fn unclaimed(&self) -> usize {
        self.items.len().saturating_sub(self.claims)
    }

    pub(super) fn has_place(&self) -> bool {
        self.maxsize == 0 || self.items.len() + self.places < self.maxsize
    }

    pub(super) fn unfinished(&self) -> usize {
        self.unfinished
    }

    fn has_unclaimed(&self) -> bool {
        self.unclaimed() > 0
    }

    fn is_drained(&self) -> bool {
        self.shut_down && self.items.len() == 0
    }

    /// Hands what is free to those who wait for it, and ends waits that would be in vain.
    fn settle(&mut self) {
        while self.has_unclaimed() && self.getters.queued() > 0 {
            self.claims += 1;
            self.getters.grant_first(Grant::Served(self.items.claim()));
        }
        if self.is_drained() {
            self.getters.grant_all(Grant::Ended);
        }
        if self.shut_down {
            self.putters.grant_all(Grant::Ended);
        }
        while self.has_place() && self.putters.grant_first(Grant::Served(())) {
            self.places += 1;
        }
        if self.unfinished == 0 {
            self.joiners.grant_all(());
        }
    }
}

impl<O: Order> State for QueueState<O> {
    fn next_waker(&mut self) -> Option<Waker> {
        let getter = self.getters.next_waker();
        getter.or_else(|| self.putters.next_waker()).or_else(|| self.joiners.next_waker())
    }
}

impl<O: Order> Line for Getters<O> {
    type State = QueueState<O>;
    type Grant = Grant<O::Claim>;

    fn waiters(state: &mut QueueState<O>) -> &mut Waiters<Self::Grant> {
        &mut state.getters
    }

    fn awaited(_: &QueueState<O>) -> Awaited {
        Awaited::QueueItem
    }

    fn pass_on(state: &mut QueueState<O>, grant: Self::Grant) {
        if let Grant::Served(claim) = grant {
            state.claims -= 1;
            state.items.waive(claim);
            state.settle();
        }
    }
}

impl<O: Order> Line for Putters<O> {
    type State = QueueState<O>;
    type Grant = Grant<()>;

    fn waiters(state: &mut QueueState<O>) -> &mut Waiters<Self::Grant> {
        &mut state.putters
    }

    fn awaited(_: &QueueState<O>) -> Awaited {
        Awaited::QueuePlace
    }

    fn pass_on(state: &mut QueueState<O>, grant: Self::Grant) {
        if grant != Grant::Ended {
            state.places -= 1;
            state.settle();
        }
    }
}

impl<O: Order> Line for Joiners<O> {
    type State = QueueState<O>;
    type Grant = ();

    fn waiters(state: &mut QueueState<O>) -> &mut Waiters {
        &mut state.joiners
    }

    fn awaited(_: &QueueState<O>) -> Awaited {
        Awaited::QueueJoin
    }

    /// All who waited were released.
    fn pass_on(_: &mut QueueState<O>, (): ()) {}
}
