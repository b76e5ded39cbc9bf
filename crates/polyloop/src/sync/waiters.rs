use std::task::Waker;

use polyloop_core::{Slab, SlabKey};

/// The futures that wait for one thing, first come, first served.
///
/// A waiter is queued, is handed a grant, and then takes it; all three are steps of their own,
/// because a grant is made under a borrow, a wake-up is a call into foreign code, and the waiter
/// runs when its executor likes.
///
/// Between calls, an entry is in `queued` exactly if it has no grant, and in `unwoken` exactly if
/// it has a grant and still a waker. The entries are a slab, so that in the steady state nothing
/// is allocated and any waiter leaves in constant time.
#[derive(Debug)]
pub(crate) struct Waiters<G = ()> {
    entries: Slab<WaiterId, Waiter<G>>,
    queued: Chain,
    unwoken: Chain,
}

/// Names one waiter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WaiterId {
    index: u32,
    generation: u32,
}

/// What a waiter leaves behind: both to be dealt with when nothing is borrowed.
pub(crate) struct Left<G> {
    pub(crate) grant: Option<G>,
    pub(crate) waker: Option<Waker>,
}

#[derive(Debug)]
struct Waiter<G> {
    grant: Option<G>,
    waker: Option<Waker>,
    before: Option<WaiterId>,
    behind: Option<WaiterId>,
}

/// Entries linked in the order in which they were appended.
#[derive(Clone, Copy, Default, Debug)]
struct Chain {
    first: Option<WaiterId>,
    last: Option<WaiterId>,
    len: usize,
}

impl<G> Waiters<G> {
    pub(crate) const fn new() -> Waiters<G> {
        let empty = Chain { first: None, last: None, len: 0 };
        Waiters { entries: Slab::new(), queued: empty, unwoken: empty }
    }

    /// Queues a waiter behind the others.
    pub(crate) fn push(&mut self) -> WaiterId {
        let waiter = Waiter { grant: None, waker: None, before: None, behind: None };
        let id = self.entries.insert(waiter);
        self.queued.append(&mut self.entries, id);
        id
    }

    /// Hands a grant to the first in the queue, and tells whether there was one.
    pub(crate) fn grant_first(&mut self, grant: G) -> bool {
        let Some(id) = self.queued.first else { return false };
        self.queued.remove(&mut self.entries, id);
        let waiter = entry(&mut self.entries, id);
        waiter.grant = Some(grant);
        if waiter.waker.is_some() {
            self.unwoken.append(&mut self.entries, id);
        }
        true
    }

    /// Hands the same to all in the queue.
    pub(crate) fn grant_all(&mut self, grant: G)
    where
        G: Copy,
    {
        while self.grant_first(grant) {}
    }

    /// Takes the waker of the next waiter that has a grant and was not woken.
    pub(crate) fn next_waker(&mut self) -> Option<Waker> {
        let id = self.unwoken.first?;
        self.unwoken.remove(&mut self.entries, id);
        entry(&mut self.entries, id).waker.take()
    }

    /// Gives a queued waiter another waker, and gives the old one back.
    pub(crate) fn set_waker(&mut self, id: WaiterId, waker: Waker) -> Option<Waker> {
        let waiter = entry(&mut self.entries, id);
        debug_assert!(waiter.grant.is_none(), "who has a grant takes it and waits no more");
        waiter.waker.replace(waker)
    }

    /// Takes a waiter out, with what it was handed.
    pub(crate) fn remove(&mut self, id: WaiterId) -> Left<G> {
        let waiter = entry(&mut self.entries, id);
        if waiter.grant.is_none() {
            self.queued.remove(&mut self.entries, id);
        } else if waiter.waker.is_some() {
            self.unwoken.remove(&mut self.entries, id);
        }
        let waiter = self.entries.remove(id).expect(FOUND);
        Left { grant: waiter.grant, waker: waiter.waker }
    }

    /// Tells how many are in the queue: those without a grant.
    pub(crate) fn queued(&self) -> usize {
        self.queued.len
    }

    pub(crate) fn has_grant(&self, id: WaiterId) -> bool {
        self.entries.get(id).expect(FOUND).grant.is_some()
    }

    /// Tells whether a waiter has this very waker already.
    pub(crate) fn will_wake(&self, id: WaiterId, waker: &Waker) -> bool {
        let known = &self.entries.get(id).expect(FOUND).waker;
        known.as_ref().is_some_and(|known| known.will_wake(waker))
    }
}

impl Chain {
    fn append<G>(&mut self, entries: &mut Slab<WaiterId, Waiter<G>>, id: WaiterId) {
        let before = self.last.replace(id);
        entry(entries, id).before = before;
        match before {
            None => self.first = Some(id),
            Some(before) => entry(entries, before).behind = Some(id),
        }
        self.len += 1;
    }

    fn remove<G>(&mut self, entries: &mut Slab<WaiterId, Waiter<G>>, id: WaiterId) {
        let waiter = entry(entries, id);
        let (before, behind) = (waiter.before.take(), waiter.behind.take());
        match before {
            None => self.first = behind,
            Some(before) => entry(entries, before).behind = behind,
        }
        match behind {
            None => self.last = before,
            Some(behind) => entry(entries, behind).before = before,
        }
        self.len -= 1;
    }
}

impl SlabKey for WaiterId {
    fn from_parts(index: u32, generation: u32) -> WaiterId {
        WaiterId { index, generation }
    }

    fn index(self) -> u32 {
        self.index
    }

    fn generation(self) -> u32 {
        self.generation
    }
}

fn entry<G>(entries: &mut Slab<WaiterId, Waiter<G>>, id: WaiterId) -> &mut Waiter<G> {
    entries.get_mut(id).expect(FOUND)
}

/// Only `Waiting` removes an entry, once, and forgets its id with that.
const FOUND: &str = "a waiter is in the table until its future removes it";
