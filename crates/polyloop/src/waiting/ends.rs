use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::callback::Callback;
use crate::exception;
use crate::task::{AnyTask, Awaited, BundleId, Listener, TaskCallbackId, TaskRef, awaited};

/// Which of several tasks have ended, as far as their done callbacks have run.
///
/// That is asyncio's extra iteration: a task ends, its done callback runs in the next iteration,
/// and who waits for several tasks runs in the one after. `left` counts the tasks whose callback
/// has not run; `order` are the others that nobody has taken; `over` is true from the moment that
/// what is waited for has come.
#[derive(Debug)]
pub struct Ends {
    until: Until,
    bundle: BundleId,
    left: Cell<usize>,
    order: RefCell<VecDeque<usize>>,
    failed: Cell<Option<usize>>,
    over: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Until {
    EachEnd,
    FirstEnd,
    FirstFailure,
    AllEnds,
}

/// The done callback of one of the tasks.
struct End<K> {
    index: usize,
    ends: Rc<Ends>,
    failed: fn(&K) -> bool,
    task: K,
}

impl Ends {
    pub(crate) fn new(tasks: usize, until: Until) -> Rc<Ends> {
        Rc::new(Ends {
            until,
            bundle: BundleId::next(),
            left: Cell::new(tasks),
            order: RefCell::default(),
            failed: Cell::default(),
            over: Cell::new(tasks == 0),
            wakers: RefCell::default(),
        })
    }

    /// Watches one of the tasks, which may have ended.
    pub(crate) fn watch<K: AsRef<TaskRef> + Clone + 'static>(
        self: &Rc<Self>,
        index: usize,
        task: &K,
        failed: fn(&K) -> bool,
    ) -> TaskCallbackId {
        let end = End { index, ends: self.clone(), failed, task: task.clone() };
        task.as_ref().listen(Listener::Notified(self.bundle, Rc::new(end)))
    }

    /// Is ready when what is waited for has come.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if self.over.get() {
            return Poll::Ready(());
        }
        self.wake_later(cx);
        Poll::Pending
    }

    /// Takes the next task that has ended, in the order of the ends.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<usize> {
        let next = self.order.borrow_mut().pop_front();
        match next {
            Some(index) => Poll::Ready(index),
            None => {
                self.wake_later(cx);
                Poll::Pending
            }
        }
    }

    /// Names the task that failed first.
    pub(crate) fn first_failed(&self) -> Option<usize> {
        self.failed.get()
    }

    fn wake_later(&self, cx: &Context<'_>) {
        awaited::note(Awaited::Bundle(self.bundle));
        let known = |waker: &Waker| waker.will_wake(cx.waker());
        if !self.wakers.borrow().iter().any(known) {
            let waker = cx.waker().clone();
            self.wakers.borrow_mut().push(waker);
        }
    }

    fn end(&self, index: usize, failed: bool) {
        self.left.set(self.left.get() - 1);
        if failed && self.failed.get().is_none() {
            self.failed.set(Some(index));
        }
        let over = match self.until {
            Until::EachEnd => false,
            Until::FirstEnd => true,
            Until::FirstFailure => failed || self.left.get() == 0,
            Until::AllEnds => self.left.get() == 0,
        };
        if self.until == Until::EachEnd {
            self.order.borrow_mut().push_back(index);
        } else if !over || self.over.replace(true) {
            return;
        }
        // Who waits longest is woken first, and so takes first.
        let wakers = self.wakers.take();
        wakers.into_iter().for_each(|waker| exception::guard_here(|| waker.wake()));
    }
}

impl<K> Callback for End<K> {
    fn call(self: Rc<Self>) {
        self.ends.end(self.index, (self.failed)(&self.task));
    }
}
