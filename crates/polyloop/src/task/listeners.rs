use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::awaited::BundleId;
use super::handle::{TaskCallbackId, TaskReport};
use crate::callback::{self, Callback};
use crate::exception;

/// Who is told when a task has ended: one awaiter, and any number of callbacks.
///
/// All are told in the order in which they came; each callback is named by its place in it. Most
/// tasks have an awaiter and no callback, so what those need is made when it is needed: an
/// awaiter that came before has place 0.
#[derive(Default)]
pub(super) struct Listeners {
    joiner: Cell<Option<Waker>>,
    callbacks: RefCell<Option<Box<Callbacks>>>,
}

/// `joined` is the awaiter's place once there is one.
struct Callbacks {
    joined: Option<u64>,
    list: Vec<(TaskCallbackId, Listener)>,
    next_place: u64,
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
        let known = self.joiner.take();
        let kept = known.as_ref().is_some_and(|known| known.will_wake(waker));
        if kept {
            self.joiner.set(known);
            return;
        }
        let old = self.joiner.replace(Some(waker.clone()));
        if let Some(callbacks) = &mut *self.callbacks.borrow_mut()
            && callbacks.joined.is_none()
        {
            callbacks.joined = Some(callbacks.take_place());
        }
        drop((known, old));
    }

    pub(super) fn add(&self, listener: Listener) -> TaskCallbackId {
        self.with_callbacks(|callbacks| {
            let id = TaskCallbackId(callbacks.take_place());
            callbacks.list.push((id, listener));
            id
        })
    }

    /// Names a callback that is told at once, and so never kept.
    pub(super) fn reserve(&self) -> TaskCallbackId {
        TaskCallbackId(self.with_callbacks(Callbacks::take_place))
    }

    pub(super) fn remove(&self, id: TaskCallbackId) -> bool {
        let mut callbacks = self.callbacks.borrow_mut();
        let removed = callbacks.as_mut().and_then(|callbacks| {
            let position = callbacks.list.iter().position(|(other, _)| *other == id)?;
            Some(callbacks.list.remove(position))
        });
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
        let list = callbacks.iter().flat_map(|callbacks| &callbacks.list);
        list.filter_map(|(_, listener)| bundle(listener)).collect()
    }

    /// Empties the list: wakes the awaiter and hands over the rest, each in its place.
    pub(super) fn tell(&self, mut queue: impl FnMut(Listener)) {
        let mut joiner = self.joiner.take();
        let (joined, list) = match &mut *self.callbacks.borrow_mut() {
            Some(callbacks) => (callbacks.joined, std::mem::take(&mut callbacks.list)),
            None => (None, Vec::new()),
        };
        for (id, listener) in list {
            if joined.is_some_and(|place| place < id.0) {
                wake(joiner.take());
            }
            queue(listener);
        }
        wake(joiner);
    }

    fn with_callbacks<R>(&self, change: impl FnOnce(&mut Callbacks) -> R) -> R {
        let mut callbacks = self.callbacks.borrow_mut();
        change(callbacks.get_or_insert_with(|| Box::new(Callbacks::behind(&self.joiner))))
    }
}

impl Callbacks {
    fn behind(joiner: &Cell<Option<Waker>>) -> Callbacks {
        let known = joiner.take();
        let joined = known.as_ref().map(|_| 0);
        joiner.set(known);
        Callbacks { joined, list: Vec::new(), next_place: 1 }
    }

    fn take_place(&mut self) -> u64 {
        let place = self.next_place;
        self.next_place += 1;
        place
    }
}

fn wake(joiner: Option<Waker>) {
    if let Some(waker) = joiner {
        exception::guard_here(|| waker.wake());
    }
}
