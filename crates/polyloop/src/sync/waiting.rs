use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::waiters::{Left, WaiterId, Waiters};
use super::wakes::Wakes;
use crate::task::{Awaited, awaited};

/// State that futures of one thread wait on.
///
/// All changes go through [`update`](Shared::update), which wakes who was handed something when
/// the state is no longer borrowed: a waker may call back into it.
pub(crate) struct Shared<S> {
    held: RefCell<Held<S>>,
    /// A waiter may be handed something that belongs to this thread.
    local: PhantomData<Rc<()>>,
}

/// `wakes` is empty between calls, but while somebody is being woken.
struct Held<S> {
    state: S,
    wakes: Wakes,
}

/// One of the queues of waiters in a state.
pub(crate) trait Line {
    type State;
    /// What a waiter is handed.
    type Grant;
    /// What it makes of that when it runs.
    type Output;

    fn waiters(state: &mut Self::State) -> &mut Waiters<Self::Grant>;

    /// Says what a waiter waits for, for who looks at its task.
    fn awaited(state: &Self::State) -> Awaited;

    /// Gives a newcomer what it need not wait for: nothing, where all who come here wait.
    fn attempt(_state: &mut Self::State, _wakes: &mut Wakes) -> Option<Self::Output> {
        None
    }

    /// Takes what a waiter was handed.
    fn take(state: &mut Self::State, grant: Self::Grant, wakes: &mut Wakes) -> Self::Output;

    /// Takes back what was handed to a waiter that went away, for the next one.
    fn pass_on(state: &mut Self::State, grant: Self::Grant, wakes: &mut Wakes);
}

/// A newcomer, or a place in a line. Dropped with a grant that it has not taken, it passes the
/// grant on.
#[must_use = "the place is given up when this is dropped"]
pub(crate) struct Waiting<'a, L: Line> {
    shared: &'a Shared<L::State>,
    place: Place,
}

enum Place {
    /// Not polled yet: it will wait in line only if it must.
    Newcomer,
    /// In line, without a waker.
    Joined(WaiterId),
    Waiting(WaiterId),
    Left,
}

impl<S> Shared<S> {
    pub(crate) const fn new(state: S) -> Shared<S> {
        let held = Held { state, wakes: Wakes::new() };
        Shared { held: RefCell::new(held), local: PhantomData }
    }

    /// Looks at the state; `look` calls nothing foreign.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&S) -> R) -> R {
        look(&self.held.borrow().state)
    }

    /// Changes the state, then wakes who was handed something. What `change` takes out of the
    /// state it returns, so that it is dropped when nothing is borrowed.
    #[inline]
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut S, &mut Wakes) -> R) -> R {
        let mut held = self.held.borrow_mut();
        let Held { state, wakes } = &mut *held;
        let result = change(state, wakes);
        let next = wakes.take_next();
        drop(held);
        if let Some((waker, more)) = next {
            self.wake(waker, more);
        }
        result
    }

    /// Joins a line at its end.
    pub(crate) fn join<L: Line<State = S>>(&self) -> Waiting<'_, L> {
        let id = L::waiters(&mut self.held.borrow_mut().state).push();
        Waiting { shared: self, place: Place::Joined(id) }
    }

    /// Gives what is there for a newcomer, else waits in line for it.
    pub(crate) fn obtain<L: Line<State = S>>(&self) -> Waiting<'_, L> {
        Waiting { shared: self, place: Place::Newcomer }
    }

    fn wake(&self, waker: Waker, more: bool) {
        waker.wake();
        if more {
            self.wake_others();
        }
    }

    #[cold]
    fn wake_others(&self) {
        loop {
            // One at a time: a waker may call back and find the others still to be woken.
            let next = self.held.borrow_mut().wakes.take_next();
            let Some((waker, _)) = next else { return };
            waker.wake();
        }
    }
}

impl<L: Line> Waiting<'_, L> {
    /// Tries as a newcomer, and joins the line if that is in vain.
    fn ask(&mut self) -> Option<L::Output> {
        let (output, place) = self.shared.update(|state, wakes| match L::attempt(state, wakes) {
            Some(output) => (Some(output), Place::Left),
            None => (None, Place::Joined(L::waiters(state).push())),
        });
        self.place = place;
        output
    }

    /// Takes the grant if there is one, else tells whether this waker is the one that is kept.
    fn look(&mut self, waker: &Waker) -> Result<L::Output, bool> {
        let id = self.place.id();
        let looked = self.shared.update(|state, wakes| {
            let waiters = L::waiters(state);
            match waiters.take_grant(id) {
                Some(grant) => Ok(L::take(state, grant, wakes)),
                None => {
                    let is_kept = waiters.will_wake(id, waker);
                    awaited::note(L::awaited(state));
                    Err(is_kept)
                }
            }
        });
        if looked.is_ok() {
            self.place = Place::Left;
        }
        looked
    }

    #[cold]
    fn give_up(&mut self, id: WaiterId) {
        self.place = Place::Left;
        let waker = self.shared.update(|state, wakes| {
            let Left { grant, waker } = L::waiters(state).remove(id);
            if let Some(grant) = grant {
                L::pass_on(state, grant, wakes);
            }
            waker
        });
        drop(waker);
    }

    /// Takes the grant if there is one, else waits with this waker.
    fn wait_with(&mut self, waker: Waker) -> Option<L::Output> {
        // What is left in it, an older one, is dropped when nothing is borrowed.
        let mut waker = Some(waker);
        let id = self.place.id();
        let output = self.shared.update(|state, wakes| {
            let waiters = L::waiters(state);
            if waiters.swap_waker(id, &mut waker) {
                awaited::note(L::awaited(state));
                return None;
            }
            let grant = waiters.take_grant(id).expect("who is not in the queue has a grant");
            Some(L::take(state, grant, wakes))
        });
        self.place = if output.is_some() { Place::Left } else { Place::Waiting(id) };
        output
    }
}

impl Place {
    fn id(&self) -> WaiterId {
        match self {
            Place::Joined(id) | Place::Waiting(id) => *id,
            Place::Newcomer | Place::Left => {
                panic!("a place in a line is not polled after its end")
            }
        }
    }
}

impl<L: Line> Future for Waiting<'_, L> {
    type Output = L::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<L::Output> {
        let this = &mut *self;
        match this.place {
            Place::Newcomer => {
                if let Some(output) = this.ask() {
                    return Poll::Ready(output);
                }
            }
            Place::Waiting(_) => match this.look(cx.waker()) {
                Ok(output) => return Poll::Ready(output),
                Err(true) => return Poll::Pending,
                Err(false) => {}
            },
            Place::Joined(_) | Place::Left => {}
        }
        // Cloning and dropping a waker are calls into its executor, so nothing is borrowed.
        match this.wait_with(cx.waker().clone()) {
            Some(output) => Poll::Ready(output),
            None => Poll::Pending,
        }
    }
}

impl<L: Line> Drop for Waiting<'_, L> {
    #[inline]
    fn drop(&mut self) {
        if let Place::Joined(id) | Place::Waiting(id) = self.place {
            self.give_up(id);
        }
    }
}

impl<S> fmt::Debug for Shared<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}
