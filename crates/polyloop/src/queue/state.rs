use std::marker::PhantomData;

use super::error::{QueueEmpty, QueueFull, QueueGetError, QueuePutError, QueueShutDown};
use super::order::Order;
use crate::sync::{Line, Waiters, Wakes};
use crate::task::Awaited;

/// What a queue holds, who waits at it, and what was handed to whom.
///
/// A getter is handed a claim to an item, and a putter a place for one: an item whose getter goes
/// away is in the queue as before, and one whose putter goes away was never in it.
///
/// Between calls:
/// * no getter waits while there is an item that is not claimed;
/// * no putter waits while there is a place that is not taken;
/// * after the shutdown no putter waits, and no getter if there is no item;
/// * nobody waits for the join while nothing is unfinished;
/// * there are at most `maxsize` items and places of putters together, if that is not zero.
pub(super) struct QueueState<O: Order> {
    items: O,
    maxsize: usize,
    places: usize,
    unfinished: usize,
    shut_down: bool,
    getters: Waiters<Grant<O::Claim>>,
    putters: Waiters<Grant<()>>,
    joiners: Waiters,
}

/// The answer to a getter or a putter.
#[derive(Clone, Copy, Debug)]
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
            places: 0,
            unfinished: 0,
            shut_down: false,
            getters: Waiters::new(),
            putters: Waiters::new(),
            joiners: Waiters::new(),
        }
    }

    /// Gives an item to a newcomer, if he need not wait.
    #[inline]
    pub(super) fn get(&mut self, wakes: &mut Wakes) -> Result<O::Item, QueueGetError> {
        match self.items.pop() {
            Some(item) => {
                self.make_room(wakes);
                Ok(item)
            }
            None if self.is_drained() => Err(QueueShutDown(()).into()),
            None => Err(QueueEmpty.into()),
        }
    }

    /// Takes the item of a newcomer, if he need not wait.
    #[inline]
    pub(super) fn put(
        &mut self,
        item: O::Item,
        wakes: &mut Wakes,
    ) -> Result<(), QueuePutError<O::Item>> {
        if self.shut_down {
            return Err(QueueShutDown(item).into());
        }
        if !self.has_place() {
            return Err(QueueFull(item).into());
        }
        self.add(item, wakes);
        Ok(())
    }

    /// Puts an item in the place kept for it; gives it back if the queue has ended meanwhile.
    pub(super) fn deposit(
        &mut self,
        grant: Grant<()>,
        item: O::Item,
        wakes: &mut Wakes,
    ) -> Result<(), QueueShutDown<O::Item>> {
        if let Grant::Served(()) = grant {
            self.places -= 1;
        }
        if self.shut_down {
            return Err(QueueShutDown(item));
        }
        self.add(item, wakes);
        Ok(())
    }

    /// Marks an item done, and tells whether one was not.
    pub(super) fn finish_one(&mut self, wakes: &mut Wakes) -> bool {
        let any = self.unfinished > 0;
        if any {
            self.finish(1, wakes);
        }
        any
    }

    /// Shuts down, and gives what nobody shall have any more: items, and claims to items.
    pub(super) fn shut_down(&mut self, immediate: bool, wakes: &mut Wakes) -> (O, Vec<O::Claim>) {
        self.shut_down = true;
        let mut dropped = (O::default(), Vec::new());
        if immediate {
            dropped.0 = std::mem::take(&mut self.items);
            let taken_back = self.getters.grants().map(|grant| {
                let Grant::Served(claim) = std::mem::replace(grant, Grant::Ended) else {
                    return None;
                };
                Some(claim)
            });
            dropped.1.extend(taken_back.flatten());
        }
        self.end_waits(wakes);
        self.finish(dropped.0.len(), wakes);
        dropped
    }

    pub(super) fn maxsize(&self) -> usize {
        self.maxsize
    }

    pub(super) fn unclaimed(&self) -> usize {
        self.items.unclaimed()
    }

    pub(super) fn has_place(&self) -> bool {
        self.maxsize == 0 || self.items.len() + self.places < self.maxsize
    }

    fn is_drained(&self) -> bool {
        self.shut_down && self.items.len() == 0
    }

    /// Adds an item, for which there is a place: the first who waits for one is handed it.
    fn add(&mut self, item: O::Item, wakes: &mut Wakes) {
        self.unfinished += 1;
        if self.getters.queued() == 0 {
            return self.items.push(item);
        }
        let claim = self.items.push_claimed(item);
        self.getters.grant_first(Grant::Served(claim), wakes);
    }

    /// Hands the place of an item that is gone, or of a putter, to the first who waits for one.
    fn make_room(&mut self, wakes: &mut Wakes) {
        while self.putters.queued() > 0 && self.has_place() {
            self.places += 1;
            self.putters.grant_first(Grant::Served(()), wakes);
        }
        if self.shut_down {
            self.end_waits(wakes);
        }
    }

    /// Ends the waits that are in vain after the shutdown.
    #[cold]
    fn end_waits(&mut self, wakes: &mut Wakes) {
        while self.is_drained() && self.getters.grant_first(Grant::Ended, wakes) {}
        self.putters.grant_all(Grant::Ended, wakes);
    }

    /// Counts items as done.
    fn finish(&mut self, count: usize, wakes: &mut Wakes) {
        self.unfinished = self.unfinished.saturating_sub(count);
        if self.unfinished == 0 {
            self.joiners.grant_all((), wakes);
        }
    }
}

impl<O: Order> Line for Getters<O> {
    type State = QueueState<O>;
    type Grant = Grant<O::Claim>;
    type Output = Result<O::Item, QueueShutDown>;

    fn waiters(state: &mut QueueState<O>) -> &mut Waiters<Self::Grant> {
        &mut state.getters
    }

    fn awaited(_: &QueueState<O>) -> Awaited {
        Awaited::QueueItem
    }

    #[inline]
    fn attempt(state: &mut QueueState<O>, wakes: &mut Wakes) -> Option<Self::Output> {
        match state.get(wakes) {
            Ok(item) => Some(Ok(item)),
            Err(QueueGetError::Empty(_)) => None,
            Err(QueueGetError::ShutDown(error)) => Some(Err(error)),
        }
    }

    fn take(state: &mut QueueState<O>, grant: Self::Grant, wakes: &mut Wakes) -> Self::Output {
        let Grant::Served(claim) = grant else { return Err(QueueShutDown(())) };
        let item = state.items.redeem(claim);
        state.make_room(wakes);
        item.ok_or(QueueShutDown(()))
    }

    fn pass_on(state: &mut QueueState<O>, grant: Self::Grant, wakes: &mut Wakes) {
        match grant {
            Grant::Served(claim) if state.getters.queued() > 0 => {
                state.getters.grant_first(Grant::Served(claim), wakes);
            }
            Grant::Served(claim) => state.items.waive(claim),
            Grant::Ended => {}
        }
    }
}

impl<O: Order> Line for Putters<O> {
    type State = QueueState<O>;
    type Grant = Grant<()>;
    type Output = Grant<()>;

    fn waiters(state: &mut QueueState<O>) -> &mut Waiters<Self::Grant> {
        &mut state.putters
    }

    fn awaited(_: &QueueState<O>) -> Awaited {
        Awaited::QueuePlace
    }

    fn take(_: &mut QueueState<O>, grant: Self::Grant, _: &mut Wakes) -> Self::Grant {
        grant
    }

    fn pass_on(state: &mut QueueState<O>, grant: Self::Grant, wakes: &mut Wakes) {
        if let Grant::Served(()) = grant {
            state.places -= 1;
            state.make_room(wakes);
        }
    }
}

impl<O: Order> Line for Joiners<O> {
    type State = QueueState<O>;
    type Grant = ();
    type Output = ();

    fn waiters(state: &mut QueueState<O>) -> &mut Waiters {
        &mut state.joiners
    }

    fn awaited(_: &QueueState<O>) -> Awaited {
        Awaited::QueueJoin
    }

    fn attempt(state: &mut QueueState<O>, _: &mut Wakes) -> Option<()> {
        (state.unfinished == 0).then_some(())
    }

    fn take(_: &mut QueueState<O>, (): (), _: &mut Wakes) {}

    /// All who waited were released.
    fn pass_on(_: &mut QueueState<O>, (): (), _: &mut Wakes) {}
}
