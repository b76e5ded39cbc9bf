use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::waiters::{Left, WaiterId, Waiters};
use crate::task::{Awaited, awaited};

/// State that futures of one thread wait on.
///
/// All changes go through [`update`](Shared::update), which wakes who was handed something when
/// the state is no longer borrowed: a waker may call back into it.
pub(crate) struct Shared<S> {
    state: RefCell<S>,
    /// A waiter may be handed something that belongs to this thread.
    local: PhantomData<Rc<()>>,
}

/// State with waiters in it.
pub(crate) trait State {
    /// Takes the waker of the next waiter that was handed something and not woken yet.
    fn next_waker(&mut self) -> Option<Waker>;
}

/// One of the queues of waiters in a state.
pub(crate) trait Line {
    type State: State;
    /// What a waiter is handed.
    type Grant: Copy;

    fn waiters(state: &mut Self::State) -> &mut Waiters<Self::Grant>;

    /// Says what a waiter waits for, for who looks at its task.
    fn awaited(state: &Self::State) -> Awaited;

    /// Takes back what was handed to a waiter that went away, for the next one.
    fn pass_on(state: &mut Self::State, grant: Self::Grant);
}

/// A place in a line. Dropped with a grant that it has not taken, it passes the grant on.
#[must_use = "the place is given up when this is dropped"]
pub(crate) struct Waiting<'a, L: Line> {
    shared: &'a Shared<L::State>,
    /// Is there until the grant is taken.
    id: Option<WaiterId>,
}

impl<S: State> Shared<S> {
    pub(crate) const fn new(state: S) -> Shared<S> {
        Shared { state: RefCell::new(state), local: PhantomData }
    }

    /// Looks at the state; `look` calls nothing foreign.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&S) -> R) -> R {
        look(&self.state.borrow())
    }

    /// Changes the state, then wakes who was handed something. What `change` takes out of the
    /// state it returns, so that it is dropped when nothing is borrowed.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut S) -> R) -> R {
        let result = change(&mut self.state.borrow_mut());
        self.wake();
        result
    }

    /// Joins a line at its end.
    pub(crate) fn join<L: Line<State = S>>(&self) -> Waiting<'_, L> {
        let id = L::waiters(&mut self.state.borrow_mut()).push();
        Waiting { shared: self, id: Some(id) }
    }

    /// Gives what `attempt` gets at once, else waits in line for it.
    pub(crate) async fn obtain<L: Line<State = S>>(
        &self,
        attempt: impl FnOnce(&mut S) -> Option<L::Grant>,
    ) -> L::Grant {
        match self.try_or_join::<L>(attempt) {
            Ok(grant) => grant,
            Err(waiting) => waiting.await,
        }
    }

    fn try_or_join<L: Line<State = S>>(
        &self,
        attempt: impl FnOnce(&mut S) -> Option<L::Grant>,
    ) -> Result<L::Grant, Waiting<'_, L>> {
        // One change, so that nothing happens between the attempt and joining the line.
        let result = self.update(|state| {
            let grant = attempt(state);
            grant.ok_or_else(|| L::waiters(state).push())
        });
        result.map_err(|id| Waiting { shared: self, id: Some(id) })
    }

    fn wake(&self) {
        loop {
            let waker = self.state.borrow_mut().next_waker();
            match waker {
                Some(waker) => waker.wake(),
                None => return,
            }
        }
    }
}

impl<L: Line> Waiting<'_, L> {
    fn take(&mut self, id: WaiterId) -> Left<L::Grant> {
        self.id = None;
        L::waiters(&mut self.shared.state.borrow_mut()).remove(id)
    }
}

impl<L: Line> Future for Waiting<'_, L> {
    type Output = L::Grant;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<L::Grant> {
        let id = self.id.expect("a place in a line is not polled after its end");
        let mut state = self.shared.state.borrow_mut();
        let waiters = L::waiters(&mut state);
        if waiters.has_grant(id) {
            drop(state);
            // The waker, if it was not woken yet, is dropped here.
            let Left { grant, .. } = self.take(id);
            return Poll::Ready(grant.expect("checked above"));
        }
        let knows_waker = waiters.will_wake(id, cx.waker());
        awaited::note(L::awaited(&state));
        if !knows_waker {
            drop(state);
            // Cloning and dropping a waker are calls into its executor.
            let waker = cx.waker().clone();
            let old = L::waiters(&mut self.shared.state.borrow_mut()).set_waker(id, waker);
            drop(old);
        }
        Poll::Pending
    }
}

impl<L: Line> Drop for Waiting<'_, L> {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let Left { grant, waker } = self.take(id);
        if let Some(grant) = grant {
            self.shared.update(|state| L::pass_on(state, grant));
        }
        drop(waker);
    }
}

impl<S> fmt::Debug for Shared<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}
