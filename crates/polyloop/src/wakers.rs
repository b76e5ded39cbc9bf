use std::cell::{Cell, RefCell};
use std::fmt;
use std::task::Waker;

use crate::exception;

/// Tasks that wait for the same thing, each in a [`Place`] of its own; woken in the order in which
/// they began to wait.
///
/// Sorted by place. Waking all keeps the list's memory for the next.
#[derive(Default)]
pub(crate) struct Wakers {
    list: RefCell<Vec<(u64, Waker)>>,
    /// The last place that was given.
    places: Cell<u64>,
}

/// Where somebody's waker is in a list; zero while there is none yet.
///
/// It belongs to one list. Who keeps it takes it off that list ([`Wakers::leave`]) when it waits no
/// more; a [`Waiter`] does so by itself.
#[derive(Default)]
pub(crate) struct Place(Cell<u64>);

/// A place that is left when this is dropped.
pub(crate) struct Waiter<'a> {
    wakers: &'a Wakers,
    pub(crate) place: Place,
}

impl Wakers {
    /// Gives who waits a place.
    pub(crate) fn waiter(&self) -> Waiter<'_> {
        Waiter { wakers: self, place: Place::default() }
    }

    /// Has the next [`wake_all`](Self::wake_all) wake `waker`, and no other that was put there.
    pub(crate) fn add(&self, place: &Place, waker: &Waker) {
        if place.0.get() == 0 {
            place.0.set(self.places.get() + 1);
            self.places.set(place.0.get());
        }
        if self.find(place).is_ok_and(|index| self.list.borrow()[index].1.will_wake(waker)) {
            return;
        }
        // Cloning and dropping a waker can run the user's code, so neither is done in the borrow.
        let waker = (place.0.get(), waker.clone());
        let old = match self.find(place) {
            Ok(index) => Some(std::mem::replace(&mut self.list.borrow_mut()[index], waker)),
            Err(index) => {
                self.list.borrow_mut().insert(index, waker);
                None
            }
        };
        drop(old);
    }

    /// Takes a waker off the list.
    pub(crate) fn leave(&self, place: &Place) {
        if let Ok(index) = self.find(place) {
            let old = self.list.borrow_mut().remove(index);
            drop(old);
        }
    }

    pub(crate) fn wake_all(&self) {
        if self.list.borrow().is_empty() {
            return;
        }
        let mut list = self.list.take();
        list.drain(..).for_each(|(_, waker)| exception::guard_here(|| waker.wake()));
        let mut now = self.list.borrow_mut();
        if now.is_empty() {
            *now = list;
        }
    }

    /// Gives where a place is in the list, or would be.
    fn find(&self, place: &Place) -> Result<usize, usize> {
        self.list.borrow().binary_search_by_key(&place.0.get(), |(place, _)| *place)
    }
}

impl Waiter<'_> {
    /// Has the next wake-up wake `waker`.
    pub(crate) fn add(&self, waker: &Waker) {
        self.wakers.add(&self.place, waker);
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.wakers.leave(&self.place);
    }
}

impl fmt::Debug for Wakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} that wait", self.list.borrow().len())
    }
}

impl fmt::Debug for Waiter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {:?}", self.wakers)
    }
}

#[cfg(test)]
mod tests;
