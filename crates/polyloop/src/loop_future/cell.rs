use std::cell::{Cell, OnceCell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::task::Waker;

use super::error::FutureError;
use super::handle::{FutureCallbackId, LoopFuture};
use crate::engine::{self, LoopId, Ready};
use crate::exception::{ExceptionContext, Reporter};

/// What the clones of a future share.
///
/// `waiting` is ordered by its ids, and empty once `outcome` is there; `asked` tells whether
/// somebody has looked at the outcome.
pub(super) struct FutureCell<T> {
    home: LoopId,
    created_at: &'static Location<'static>,
    outcome: OnceCell<Result<T, FutureError>>,
    waiting: RefCell<Vec<(FutureCallbackId, Waiting<T>)>>,
    next_id: Cell<u64>,
    asked: Cell<bool>,
}

/// Who is told of the outcome: awaiters and callbacks share one queue, as in asyncio.
pub(super) enum Waiting<T> {
    Awaiter(Waker),
    Callback(DoneCallback<T>),
}

pub(super) type DoneCallback<T> = Box<dyn FnOnce(&LoopFuture<T>)>;

impl<T: 'static> FutureCell<T> {
    /// Sets the outcome, unless there is one, and has everybody told in the next iteration.
    pub(super) fn finish(
        self: &Rc<Self>,
        outcome: Result<T, FutureError>,
    ) -> Result<(), Result<T, FutureError>> {
        self.outcome.set(outcome)?;
        let waiting = self.waiting.take();
        waiting.into_iter().for_each(|(_, waiting)| self.tell(waiting));
        Ok(())
    }

    /// Adds a callback; if the future is done it is called in the next iteration.
    pub(super) fn add_callback(self: &Rc<Self>, callback: DoneCallback<T>) -> FutureCallbackId {
        if self.outcome.get().is_none() {
            return self.wait(Waiting::Callback(callback));
        }
        self.tell(Waiting::Callback(callback));
        self.mint()
    }

    fn tell(self: &Rc<Self>, waiting: Waiting<T>) {
        match waiting {
            Waiting::Awaiter(waker) => waker.wake(),
            Waiting::Callback(callback) => {
                // A callback of a closed loop is dropped: there is no next iteration.
                let Some(engine) = engine::find(self.home) else { return };
                let done = LoopFuture::new(self.clone());
                let call = crate::callback::once(move || callback(&done));
                engine.push_ready(Ready::Callback(call));
            }
        }
    }
}

impl<T> FutureCell<T> {
    pub(super) fn new(home: LoopId, created_at: &'static Location<'static>) -> FutureCell<T> {
        FutureCell {
            home,
            created_at,
            outcome: OnceCell::new(),
            waiting: RefCell::default(),
            next_id: Cell::new(0),
            asked: Cell::new(false),
        }
    }

    pub(super) fn home(&self) -> LoopId {
        self.home
    }

    pub(super) fn created_at(&self) -> &'static Location<'static> {
        self.created_at
    }

    /// Gives the outcome to somebody who wants to know.
    pub(super) fn ask(&self) -> Option<&Result<T, FutureError>> {
        let outcome = self.outcome.get();
        self.asked.set(self.asked.get() || outcome.is_some());
        outcome
    }

    /// Gives the outcome, for a look that does not count as asking.
    pub(super) fn outcome(&self) -> Option<&Result<T, FutureError>> {
        self.outcome.get()
    }

    pub(super) fn wait(&self, waiting: Waiting<T>) -> FutureCallbackId {
        let id = self.mint();
        self.waiting.borrow_mut().push((id, waiting));
        id
    }

    /// Has a waiting awaiter woken by another waker.
    pub(super) fn rewake(&self, id: FutureCallbackId, waker: &Waker) {
        let mut waiting = self.waiting.borrow_mut();
        let Ok(position) = waiting.binary_search_by_key(&id, |(id, _)| *id) else { return };
        let Waiting::Awaiter(old) = &mut waiting[position].1 else { return };
        let replaced = (!old.will_wake(waker)).then(|| std::mem::replace(old, waker.clone()));
        drop(waiting);
        drop(replaced);
    }

    /// Forgets an awaiter or callback, and tells whether it was still waiting.
    pub(super) fn forget(&self, id: FutureCallbackId) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let position = waiting.binary_search_by_key(&id, |(id, _)| *id).ok();
        let removed = position.map(|position| waiting.remove(position));
        drop(waiting);
        removed.is_some()
    }

    fn mint(&self) -> FutureCallbackId {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        FutureCallbackId(id)
    }
}

/// An error that nobody asked for is reported, as asyncio does.
impl<T> Drop for FutureCell<T> {
    fn drop(&mut self) {
        let Some(Err(error)) = self.outcome.get() else { return };
        if self.asked.get() || error.is_cancelled() {
            return;
        }
        let context = ExceptionContext {
            message: format!(
                "an error was set on a future and nobody asked for it (created at {})",
                self.created_at
            ),
            panic: error.to_string(),
            task: None,
        };
        match engine::find(self.home) {
            Some(engine) => engine.reporter.report(&context),
            None => Reporter::default().report(&context),
        }
    }
}
