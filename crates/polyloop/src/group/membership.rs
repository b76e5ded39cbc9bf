use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Context, Waker};

use crate::callback::Callback;
use crate::task::{BundleId, TaskInfo, Tether};

/// What a group's future, its handles and its children share.
///
/// `children` are the tasks whose done callback has not run, in the order in which they were made;
/// none is added unless the phase is open. `errors` grows until the group's future takes it.
pub(super) struct Membership<E> {
    bundle: BundleId,
    phase: Cell<Phase>,
    children: RefCell<BTreeMap<u64, Child>>,
    made: Cell<u64>,
    errors: RefCell<Vec<E>>,
    owner: RefCell<Option<Waker>>,
}

/// Where a group is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// Its body or a child runs, and none has failed as far as done callbacks have told.
    Open,
    /// Something has failed: what is left is being cancelled.
    ShuttingDown,
    /// Its future has ended or was dropped.
    Over,
}

struct Child {
    task: TaskInfo,
    tether: Rc<dyn Tether>,
}

impl<E> Membership<E> {
    pub(super) fn new() -> Rc<Membership<E>> {
        Rc::new(Membership {
            bundle: BundleId::next(),
            phase: Cell::new(Phase::Open),
            children: RefCell::default(),
            made: Cell::new(0),
            errors: RefCell::default(),
            owner: RefCell::default(),
        })
    }

    /// Gives the name under which the owner awaits the children.
    pub(super) fn bundle(&self) -> BundleId {
        self.bundle
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Adds a child; gives the number that `end` takes.
    pub(super) fn add(&self, task: TaskInfo, tether: Rc<dyn Tether>) -> u64 {
        debug_assert!(self.phase() == Phase::Open, "only an open group takes a child");
        let number = self.made.replace(self.made.get() + 1);
        self.children.borrow_mut().insert(number, Child { task, tether });
        number
    }

    /// Keeps an error for the group's result; once the group is over, gives it back.
    pub(super) fn keep_error(&self, error: E) -> Result<(), E> {
        if self.phase() == Phase::Over {
            return Err(error);
        }
        self.errors.borrow_mut().push(error);
        Ok(())
    }

    /// Cancels the children, in the order in which they were made; no more are taken.
    pub(super) fn shut_down(&self) {
        if self.phase() != Phase::Open {
            return;
        }
        self.phase.set(Phase::ShuttingDown);
        let tasks: Vec<TaskInfo> =
            self.children.borrow().values().map(|child| child.task.clone()).collect();
        for task in tasks {
            task.cancel_with("its group is shutting down");
        }
        self.wake_owner();
    }

    /// Notes that the group's future was dropped: cancels the children and drops their futures.
    pub(super) fn abandon(&self) {
        self.phase.set(Phase::Over);
        let children = self.children.take();
        for child in children.into_values() {
            if child.task.cancel_with("its group was dropped") {
                child.tether.cut();
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.children.borrow().is_empty()
    }

    /// Ends the group: gives its errors.
    pub(super) fn finish(&self) -> Vec<E> {
        debug_assert!(self.is_empty(), "a group ends when its children have");
        self.phase.set(Phase::Over);
        self.errors.take()
    }

    pub(super) fn set_owner(&self, cx: &Context<'_>) {
        let old = self.owner.replace(Some(cx.waker().clone()));
        drop(old);
    }

    fn wake_owner(&self) {
        let owner = self.owner.take();
        if let Some(owner) = owner {
            owner.wake();
        }
    }

    /// Is called an iteration after a child's end, as asyncio's done callback is.
    fn end(&self, number: u64) {
        let child = self.children.borrow_mut().remove(&number);
        drop(child);
        if !self.errors.borrow().is_empty() {
            self.shut_down();
        }
        if self.is_empty() {
            self.wake_owner();
        }
    }
}

/// The done callback of a child.
pub(super) struct ChildEnd<E> {
    pub(super) group: Rc<Membership<E>>,
    pub(super) number: u64,
}

impl<E> Callback for ChildEnd<E> {
    fn call(self: Rc<Self>) {
        self.group.end(self.number);
    }
}
