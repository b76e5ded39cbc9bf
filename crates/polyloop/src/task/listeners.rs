use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::awaited::BundleId;
use super::handle::{TaskCallbackId, TaskReport};
use crate::callback::{self, Callback};
use crate::exception;

/// Who is told when a task has ended: one awaiter, and any number of callbacks.
///
/// All are told in the order in which they came; each callback is named by its place in it.
#[derive(Default)]
pub(super) struct Listeners {
    joiner: RefCell<Option<(u64, Waker)>>,
    callbacks: RefCell<Vec<(TaskCallbackId, Listener)>>,
    next_place: Cell<u64>,
}

/// What is queued when the task has ended.
pub(crate) enum Listener {
    /// A function of the user's.
    Told(Box<dyn FnOnce(&TaskReport)>),
    /// A callback of the frontend's own, for who awaits several tasks.
    Notified(BundleId, Rc<dyn Callback>),
}

impl Listener {
    pub(super) fn into_callback(self, report: impl FnOnce() -> TaskReport) -> Rc<dyn Callback> {
        match self {
            Listener::Notified(_, callback) => callback,
            Listener::Told(function) => {
                let report = report();
                callback::once(move || function(&report))
            }
        }
    }
}

impl Listeners {
    /// Notes who awaits the task; an awaiter that looks again keeps its place.
    pub(super) fn set_joiner(&self, waker: &Waker) {
        let place = match &*self.joiner.borrow() {
            Some((_, old)) if old.will_wake(waker) => return,
            Some((place, _)) => *place,
            None => self.take_place(),
        };
        let old = self.joiner.replace(Some((place, waker.clone())));
        drop(old);
    }

    pub(super) fn add(&self, listener: Listener) -> TaskCallbackId {
        let id = self.reserve();
        self.callbacks.borrow_mut().push((id, listener));
        id
    }

    /// Names a callback that is told at once, and so never kept.
    pub(super) fn reserve(&self) -> TaskCallbackId {
        TaskCallbackId(self.take_place())
    }

    pub(super) fn remove(&self, id: TaskCallbackId) -> bool {
        let mut callbacks = self.callbacks.borrow_mut();
        let position = callbacks.iter().position(|(other, _)| *other == id);
        let removed = position.map(|position| callbacks.remove(position));
        drop(callbacks);
        removed.is_some()
    }

    /// Gives the bundles in which somebody awaits the task.
    pub(super) fn bundles(&self) -> Vec<BundleId> {
        let callbacks = self.callbacks.borrow();
        let bundle = |listener: &Listener| match listener {
            Listener::Notified(bundle, _) => Some(*bundle),
            Listener::Told(_) => None,
        };
        callbacks.iter().filter_map(|(_, listener)| bundle(listener)).collect()
    }

    /// Empties the list: wakes the awaiter and hands over the rest, each in its place.
    pub(super) fn tell(&self, mut queue: impl FnMut(Listener)) {
        let mut joiner = self.joiner.take();
        let callbacks = self.callbacks.take();
        for (id, listener) in callbacks {
            if let Some((_, waker)) = joiner.take_if(|(place, _)| *place < id.0) {
                exception::guard_here(|| waker.wake());
            }
            queue(listener);
        }
        if let Some((_, waker)) = joiner {
            exception::guard_here(|| waker.wake());
        }
    }

    fn take_place(&self) -> u64 {
        self.next_place.replace(self.next_place.get() + 1)
    }
}
