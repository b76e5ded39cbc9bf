#[cfg(all(test, loom))]
mod loom_models;

use std::sync::{Arc, PoisonError};
use std::task::{Wake, Waker};

use crate::between_threads::{AtomicBool, Mutex, MutexGuard, Ordering};

/// Which members of a scope are to be polled, in the order in which they were woken.
///
/// Wakers are `Send`, so this is; nearly always it is touched by one thread.
#[derive(Default)]
pub(super) struct Wakes {
    state: Mutex<State>,
}

/// `parent` is the waker of the task that polls the scope, from each poll to the next wake.
#[derive(Default)]
struct State {
    woken: Vec<u64>,
    parent: Option<Waker>,
}

/// The waker of one member.
struct MemberWaker {
    number: u64,
    /// Whether the member is in the list; it is in there at most once.
    listed: AtomicBool,
    wakes: Arc<Wakes>,
}

/// A member's waker, and what unlists it.
pub(super) struct MemberWake {
    pub(super) waker: Waker,
    member: Arc<MemberWaker>,
}

impl MemberWake {
    /// Makes the waker of a member, woken.
    pub(super) fn new(wakes: &Arc<Wakes>, number: u64) -> MemberWake {
        let listed = AtomicBool::new(false);
        let member = Arc::new(MemberWaker { number, listed, wakes: wakes.clone() });
        member.wake_by_ref();
        MemberWake { waker: Waker::from(member.clone()), member }
    }

    /// Notes that the member is about to be polled: the next wake lists it again.
    pub(super) fn begin_poll(&self) {
        // Acquire pairs with the swap in `wake_by_ref`: a wake that finds the member listed
        // happens before this poll, which so sees what the waker's caller did.
        self.member.listed.swap(false, Ordering::AcqRel);
    }
}

impl Wakes {
    pub(super) fn set_parent(&self, parent: &Waker) {
        // Cloning and dropping a waker can run the user's code, so neither is done in the lock.
        let parent = parent.clone();
        let old = self.lock().parent.replace(parent);
        drop(old);
    }

    /// Takes the list, leaving an empty one of the given allocation.
    pub(super) fn take(&self, mut empty: Vec<u64>) -> Vec<u64> {
        empty.clear();
        std::mem::replace(&mut self.lock().woken, empty)
    }

    /// Has the parent poll the scope.
    pub(super) fn wake_parent(&self) {
        let parent = self.lock().parent.take();
        if let Some(parent) = parent {
            parent.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for MemberWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Release pairs with the swap in `begin_poll`.
        if !self.listed.swap(true, Ordering::AcqRel) {
            self.wakes.lock().woken.push(self.number);
            self.wakes.wake_parent();
        }
    }
}
