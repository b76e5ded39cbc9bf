use std::task::Waker;

use super::wakes::Wakes;

/// The futures that wait for one thing, first come, first served.
///
/// A waiter is queued, is handed a grant, and then takes it; all three are steps of their own,
/// because a grant is made under a borrow, a wake-up is a call into foreign code, and the waiter
/// runs when its executor likes.
///
/// Between calls, an entry is in the chain exactly if it is queued, and in the list of free ones
/// exactly if it is free. The entries are a table, so that in the steady state nothing is
/// allocated and any waiter leaves in constant time. It is a table without generations: an entry
/// is removed once, by the future that owns its id.
#[derive(Debug)]
pub(crate) struct Waiters<G = ()> {
    entries: Vec<Waiter<G>>,
    /// The first of the free entries, each of which has the next one behind it.
    free: u32,
    first: u32,
    last: u32,
    queued: usize,
}

/// Names one waiter: the place of its entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WaiterId(u32);

/// What a waiter leaves behind: both to be dealt with when nothing is borrowed.
pub(crate) struct Left<G> {
    pub(crate) grant: Option<G>,
    pub(crate) waker: Option<Waker>,
}

#[derive(Debug)]
struct Waiter<G> {
    stage: Stage<G>,
    before: u32,
    behind: u32,
}

#[derive(Debug)]
enum Stage<G> {
    Free,
    /// In the queue; without a waker only until its future has been polled.
    Queued(Option<Waker>),
    Granted(G),
}

/// The place of no entry.
const NONE: u32 = u32::MAX;

impl<G> Waiters<G> {
    pub(crate) const fn new() -> Waiters<G> {
        Waiters { entries: Vec::new(), free: NONE, first: NONE, last: NONE, queued: 0 }
    }

    /// Queues a waiter behind the others.
    pub(crate) fn push(&mut self) -> WaiterId {
        let before = self.last;
        let waiter = Waiter { stage: Stage::Queued(None), before, behind: NONE };
        let place = self.free;
        if place == NONE {
            return self.push_new(waiter);
        }
        let entry = &mut self.entries[place as usize];
        self.free = entry.behind;
        *entry = waiter;
        self.append(place, before)
    }

    #[cold]
    fn push_new(&mut self, waiter: Waiter<G>) -> WaiterId {
        let place = u32::try_from(self.entries.len()).ok().filter(|place| *place != NONE);
        let place = place.expect("fewer than 2^32 futures wait for one thing");
        let before = waiter.before;
        self.entries.push(waiter);
        self.append(place, before)
    }

    fn append(&mut self, place: u32, before: u32) -> WaiterId {
        match before {
            NONE => self.first = place,
            before => self.entries[before as usize].behind = place,
        }
        self.last = place;
        self.queued += 1;
        WaiterId(place)
    }

    /// Hands a grant to the first in the queue, who is to be woken, and tells whether there was
    /// one.
    pub(crate) fn grant_first(&mut self, grant: G, wakes: &mut Wakes) -> bool {
        let place = self.first;
        if place == NONE {
            return false;
        }
        self.unlink(place);
        let waiter = &mut self.entries[place as usize];
        if let Stage::Queued(Some(waker)) =
            std::mem::replace(&mut waiter.stage, Stage::Granted(grant))
        {
            wakes.add(waker);
        }
        true
    }

    /// Hands the same to all in the queue.
    pub(crate) fn grant_all(&mut self, grant: G, wakes: &mut Wakes)
    where
        G: Copy,
    {
        while self.grant_first(grant, wakes) {}
    }

    /// Takes the grant of a waiter that has one, which ends its wait.
    pub(crate) fn take_grant(&mut self, id: WaiterId) -> Option<G> {
        let waiter = &mut self.entries[id.0 as usize];
        let Stage::Granted(_) = waiter.stage else { return None };
        waiter.behind = std::mem::replace(&mut self.free, id.0);
        match std::mem::replace(&mut waiter.stage, Stage::Free) {
            Stage::Granted(grant) => Some(grant),
            _ => unreachable!("checked above"),
        }
    }

    /// Takes a waiter out, with what it was handed.
    pub(crate) fn remove(&mut self, id: WaiterId) -> Left<G> {
        if let Some(grant) = self.take_grant(id) {
            return Left { grant: Some(grant), waker: None };
        }
        self.unlink(id.0);
        let waiter = &mut self.entries[id.0 as usize];
        waiter.behind = std::mem::replace(&mut self.free, id.0);
        match std::mem::replace(&mut waiter.stage, Stage::Free) {
            Stage::Queued(waker) => Left { grant: None, waker },
            _ => unreachable!("who has no grant is in the queue"),
        }
    }

    /// Gives a queued waiter another waker for the one that it has; false if it has a grant.
    pub(crate) fn swap_waker(&mut self, id: WaiterId, waker: &mut Option<Waker>) -> bool {
        let Stage::Queued(kept) = &mut self.entries[id.0 as usize].stage else { return false };
        std::mem::swap(kept, waker);
        true
    }

    /// Tells how many are in the queue: those without a grant.
    pub(crate) fn queued(&self) -> usize {
        self.queued
    }

    /// Tells whether a waiter has this very waker already.
    pub(crate) fn will_wake(&self, id: WaiterId, waker: &Waker) -> bool {
        match &self.entries[id.0 as usize].stage {
            Stage::Queued(Some(kept)) => kept.will_wake(waker),
            _ => false,
        }
    }

    /// Visits what was handed over and not taken yet.
    pub(crate) fn grants(&mut self) -> impl Iterator<Item = &mut G> {
        self.entries.iter_mut().filter_map(|waiter| match &mut waiter.stage {
            Stage::Granted(grant) => Some(grant),
            _ => None,
        })
    }

    /// Takes an entry out of the chain.
    fn unlink(&mut self, place: u32) {
        let Waiter { before, behind, .. } = self.entries[place as usize];
        match before {
            NONE => self.first = behind,
            before => self.entries[before as usize].behind = behind,
        }
        match behind {
            NONE => self.last = before,
            behind => self.entries[behind as usize].before = before,
        }
        self.queued -= 1;
    }
}
