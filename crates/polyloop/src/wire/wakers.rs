use std::cell::RefCell;
use std::task::Waker;

use crate::exception;

/// Tasks that wait for the same thing. Waking all keeps the list's memory for the next.
#[derive(Default)]
pub(crate) struct Wakers {
    list: RefCell<Vec<Waker>>,
}

impl Wakers {
    pub(crate) fn add(&self, waker: &Waker) {
        if self.list.borrow().iter().any(|old| old.will_wake(waker)) {
            return;
        }
        // Cloning can run the user's code, so it is not done in the borrow.
        let waker = waker.clone();
        self.list.borrow_mut().push(waker);
    }

    pub(crate) fn wake_all(&self) {
        if self.list.borrow().is_empty() {
            return;
        }
        let mut list = self.list.take();
        list.drain(..).for_each(|waker| exception::guard_here(|| waker.wake()));
        let mut now = self.list.borrow_mut();
        if now.is_empty() {
            *now = list;
        }
    }
}
