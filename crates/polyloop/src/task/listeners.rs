use std::rc::Rc;
use std::task::Waker;

use polyloop_task::LocalWaker;

use super::awaited::BundleId;
use super::handle::{TaskCallbackId, TaskReport};
use super::record::TaskRecord;
use crate::callback::{self, Callback};
use crate::exception;

/// Who is told when a task has ended, beside an awaiter that is a task of the same thread: an
/// awaiter that is not, and any number of callbacks.
///
/// All are told in the order in which they came; each callback is named by its place in it. `joined` is the
/// awaiter's place once there is one, of whichever kind: one that came before the first callback has place 0.
#[derive(Default)]
pub(super) struct Listeners {
    joiner: Option<Waker>,
    joined: Option<u64>,
    list: Vec<(TaskCallbackId, Listener)>,
    places: u64,
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
    /// Notes that somebody awaits the task, and by which waker, if not by that of a task of this thread.
    /// Gives the waker that was there; who looks again keeps its place.
    pub(super) fn set_joiner(&mut self, waker: Option<&Waker>) -> Option<Waker> {
        if self.joined.is_none() {
            self.joined = Some(self.take_place());
        }
        match (&self.joiner, waker) {
            (Some(known), Some(waker)) if known.will_wake(waker) => None,
            (_, waker) => std::mem::replace(&mut self.joiner, waker.cloned()),
        }
    }

    /// Adds one that is told; `is_joined` says whether somebody awaits the task already.
    pub(super) fn add(&mut self, listener: Listener, is_joined: bool) -> TaskCallbackId {
        if is_joined && self.joined.is_none() {
            self.joined = Some(self.take_place());
        }
        let id = self.reserve();
        self.list.push((id, listener));
        id
    }

    /// Names a callback that is told at once, and so never kept.
    pub(super) fn reserve(&mut self) -> TaskCallbackId {
        TaskCallbackId(self.take_place())
    }

    pub(super) fn remove(&mut self, id: TaskCallbackId) -> Option<Listener> {
        let position = self.list.iter().position(|(other, _)| *other == id)?;
        Some(self.list.remove(position).1)
    }

    /// Gives the bundles in which somebody awaits the task.
    pub(super) fn bundles(&self) -> Vec<BundleId> {
        let bundle = |listener: &Listener| match listener {
            Listener::Notified(bundle, _) => Some(*bundle),
            Listener::Told(_) => None,
        };
        self.list.iter().filter_map(|(_, listener)| bundle(listener)).collect()
    }

    /// Wakes the awaiter, of whichever kind, and hands over the rest, each in its place.
    pub(super) fn tell(
        mut self,
        mut local: Option<LocalWaker<TaskRecord>>,
        mut queue: impl FnMut(Listener),
    ) {
        let mut joiner = self.joiner.take();
        let mut wake = || {
            if let Some(local) = local.take() {
                local.wake();
            }
            if let Some(waker) = joiner.take() {
                exception::guard_here(|| waker.wake());
            }
        };
        for (id, listener) in self.list {
            if self.joined.is_some_and(|place| place < id.0) {
                wake();
            }
            queue(listener);
        }
        wake();
    }

    fn take_place(&mut self) -> u64 {
        let place = self.places;
        self.places += 1;
        place
    }
}
