use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context;

use super::wakes::{MemberWake, Wakes};

/// The children of a scope, which live in the future of the scope and nowhere else.
pub(super) struct Children<'env> {
    children: RefCell<BTreeMap<u64, Child<'env>>>,
    made: Cell<u64>,
    open: Cell<bool>,
    pub(super) wakes: Arc<Wakes>,
}

struct Child<'env> {
    future: Pin<Box<dyn Future<Output = ()> + 'env>>,
    wake: MemberWake,
}

/// The number of the scope's body among its members.
pub(super) const BODY: u64 = 0;

impl<'env> Children<'env> {
    pub(super) fn new() -> Rc<Children<'env>> {
        Rc::new(Children {
            children: RefCell::default(),
            made: Cell::new(BODY),
            open: Cell::new(true),
            wakes: Arc::default(),
        })
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    pub(super) fn add(&self, future: impl Future<Output = ()> + 'env) {
        self.made.set(self.made.get() + 1);
        let number = self.made.get();
        let wake = MemberWake::new(&self.wakes, number);
        self.children.borrow_mut().insert(number, Child { future: Box::pin(future), wake });
    }

    /// Polls a child, if it has not ended.
    pub(super) fn poll(&self, number: u64) {
        let child = self.children.borrow_mut().remove(&number);
        let Some(mut child) = child else { return };
        child.wake.begin_poll();
        let waker = child.wake.waker.clone();
        let ended = child.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        // A child that dropped its own scope has nowhere to go back to.
        if !ended && self.is_open() {
            self.children.borrow_mut().insert(number, child);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.children.borrow().len()
    }

    /// Takes no more children and drops those that are left, in the order in which they were made.
    pub(super) fn close(&self) {
        self.open.set(false);
        let children = self.children.take();
        drop(children);
    }
}
