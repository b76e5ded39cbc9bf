use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::task::Waker;

use crate::exception;

/// Tasks that wait for the same thing, each in a [`Place`] of its own; woken in the order in which
/// they began to wait.
///
/// A word until somebody waits, because much can be waited for that mostly nobody waits for; the list
/// stays then.
#[derive(Default)]
pub(crate) struct Wakers {
    list: OnceCell<Box<List>>,
}

/// Sorted by place. Waking all keeps the memory for the next.
#[derive(Default)]
struct List {
    wakers: RefCell<Vec<(u64, Waker)>>,
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
        let list = self.list.get_or_init(Box::default);
        if place.0.get() == 0 {
            place.0.set(list.places.get() + 1);
            list.places.set(place.0.get());
        }
        if list.find(place).is_ok_and(|index| list.wakers.borrow()[index].1.will_wake(waker)) {
            return;
        }
        // Cloning and dropping a waker can run the user's code, so neither is done in the borrow.
        let waker = (place.0.get(), waker.clone());
        let old = match list.find(place) {
            Ok(index) => Some(std::mem::replace(&mut list.wakers.borrow_mut()[index], waker)),
            Err(index) => {
                list.wakers.borrow_mut().insert(index, waker);
                None
            }
        };
        drop(old);
    }

    /// Takes a waker off the list.
    pub(crate) fn leave(&self, place: &Place) {
        if let Some(list) = self.list.get()
            && let Ok(index) = list.find(place)
        {
            let old = list.wakers.borrow_mut().remove(index);
            drop(old);
        }
    }

    fn len(&self) -> usize {
        self.list.get().map_or(0, |list| list.wakers.borrow().len())
    }

    #[inline]
    pub(crate) fn wake_all(&self) {
        if let Some(list) = self.list.get() {
            list.wake_all();
        }
    }
}

impl List {
    fn wake_all(&self) {
        if self.wakers.borrow().is_empty() {
            return;
        }
        let mut wakers = self.wakers.take();
        wakers.drain(..).for_each(|(_, waker)| exception::guard_here(|| waker.wake()));
        let mut now = self.wakers.borrow_mut();
        if now.is_empty() {
            *now = wakers;
        }
    }

    /// Gives where a place is in the list, or would be.
    fn find(&self, place: &Place) -> Result<usize, usize> {
        self.wakers.borrow().binary_search_by_key(&place.0.get(), |(place, _)| *place)
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
        write!(f, "{} that wait", self.len())
    }
}

impl fmt::Debug for Waiter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {:?}", self.wakers)
    }
}

#[cfg(test)]
mod tests;
