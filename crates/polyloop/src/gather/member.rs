use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::callback::Callback;
use crate::task::{Task, TaskError};

/// How far the members of one gather have come.
///
/// `failed` is the first member that failed, in the order of the ends. As in asyncio a member's
/// end is counted in the iteration after it, and the gather's awaiter runs in the one after that.
#[derive(Debug, Default)]
pub(super) struct Progress {
    members: Cell<usize>,
    ended: Cell<usize>,
    failed: Cell<Option<usize>>,
    waker: RefCell<Option<Waker>>,
}

impl Progress {
    /// Counts one more member and gives its number.
    fn add(&self) -> usize {
        let index = self.members.get();
        self.members.set(index + 1);
        index
    }

    fn count_end(&self, index: usize, failed: bool) {
        self.ended.set(self.ended.get() + 1);
        if failed && self.failed.get().is_none() {
            self.failed.set(Some(index));
        }
        if self.is_decided()
            && let Some(waker) = self.waker.take()
        {
            waker.wake();
        }
    }

    fn is_decided(&self) -> bool {
        self.failed.get().is_some() || self.ended == self.members
    }

    /// Gives, once it is decided, which member failed first, if one did.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        if self.is_decided() {
            return Poll::Ready(self.failed.get());
        }
        let old = self.waker.replace(Some(cx.waker().clone()));
        drop(old);
        Poll::Pending
    }
}

/// A task of a gather, and what it gave once that was counted. Dropped before, it cancels the task.
pub struct Member<T> {
    slot: Rc<Slot<T>>,
}

/// What a member and its task's end share: at most one of `task` and `result` is there.
struct Slot<T> {
    progress: Rc<Progress>,
    index: usize,
    is_failure: fn(&Result<T, TaskError>) -> bool,
    task: RefCell<Option<Task<T>>>,
    result: RefCell<Option<Result<T, TaskError>>>,
}

impl<T: 'static> Member<T> {
    /// Makes a task of a future, and has `progress` told of its end.
    pub(super) fn new<F>(
        progress: &Rc<Progress>,
        future: F,
        is_failure: fn(&Result<T, TaskError>) -> bool,
    ) -> Member<T>
    where
        F: Future<Output = T> + 'static,
    {
        let slot = Rc::new(Slot {
            progress: progress.clone(),
            index: progress.add(),
            is_failure,
            task: RefCell::default(),
            result: RefCell::default(),
        });
        let task = crate::create_task(future);
        task.join_with(slot.clone());
        slot.task.replace(Some(task));
        Member { slot }
    }
}

impl<T> Member<T> {
    /// Tells whether this is the member of that number.
    pub(super) fn is(&self, index: usize) -> bool {
        self.slot.index == index
    }

    pub(super) fn take(&self) -> Result<T, TaskError> {
        let result = self.slot.result.take();
        result.expect("a result is taken once, after the gather was decided")
    }

    /// Lets the task run on.
    pub(super) fn release(&self) {
        drop(self.slot.task.take());
    }
}

impl<T> Callback for Slot<T> {
    fn call(self: Rc<Self>) {
        // Nobody is there any more if the gather was decided or dropped before.
        let Some(task) = self.task.take() else { return };
        let result = task.take_result();
        let failed = (self.is_failure)(&result);
        self.result.replace(Some(result));
        self.progress.count_end(self.index, failed);
    }
}

impl<T> Drop for Member<T> {
    fn drop(&mut self) {
        if let Some(task) = self.slot.task.take() {
            task.cancel();
        }
    }
}

impl<T> fmt::Debug for Member<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({})", self.slot.index)
    }
}
