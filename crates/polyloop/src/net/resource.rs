use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::task::{Context, Poll};

use polyloop_core::{CloseMode, Error, Key, Op, Result};

use crate::engine::{self, Begun, Engine, LoopId, WaitId};

/// A resource of a loop that the frontend owns: a key and the loop's id, and the multishot op
/// that tells of its readiness once somebody has waited for it.
///
/// Dropping it closes the resource, after what it was given to send. When its loop is gone, it
/// was closed with it.
pub(super) struct Resource {
    home: LoopId,
    key: Key,
    watch: Cell<Option<WaitId>>,
    /// Whether dropping closes: not once it was detached.
    owned: Cell<bool>,
    local: PhantomData<Rc<()>>,
}

impl Resource {
    pub(super) fn new(home: LoopId, key: Key) -> Resource {
        Resource { home, key, watch: Cell::new(None), owned: Cell::new(true), local: PhantomData }
    }

    pub(super) fn key(&self) -> Key {
        self.key
    }

    pub(super) fn home(&self) -> LoopId {
        self.home
    }

    /// Gives the loop, if it still runs on this thread.
    pub(super) fn engine(&self) -> Result<Rc<Engine>> {
        engine::find(self.home).ok_or_else(engine::not_here)
    }

    /// Gives the multishot op that watches, if it has been begun.
    pub(super) fn watch(&self) -> Option<WaitId> {
        self.watch.get()
    }

    /// Has the watching op wake the task, beginning it with `begin` where it is not in flight.
    pub(super) fn poll_watch(
        &self,
        engine: &Engine,
        cx: &Context<'_>,
        begin: impl FnOnce(&Engine) -> Begun,
    ) -> Poll<Error> {
        let wait = match self.watch.get().filter(|wait| engine.is_in_flight(*wait)) {
            Some(wait) => wait,
            None => {
                self.stop_watching(engine);
                match begin(engine) {
                    Begun::Waiting(wait) => {
                        self.watch.set(Some(wait));
                        wait
                    }
                    Begun::Done(completion) => {
                        let error = completion.result.err();
                        return Poll::Ready(error.unwrap_or_else(engine::not_here));
                    }
                }
            }
        };
        engine.wake_on(wait, cx.waker());
        Poll::Pending
    }

    pub(super) fn stop_watching(&self, engine: &Engine) {
        if let Some(wait) = self.watch.take() {
            engine.abandon(wait);
        }
    }

    /// Gives the resource up without closing it: its handle goes elsewhere.
    pub(super) fn disown(&self) {
        self.owned.set(false);
    }

    /// Takes the resource back after a detach that failed.
    pub(super) fn own_again(&self) {
        self.owned.set(true);
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        let Some(engine) = engine::find(self.home) else { return };
        self.stop_watching(&engine);
        if self.owned.get() {
            engine.submit_and_forget(Op::Close { key: self.key, mode: CloseMode::Flush });
        }
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of loop {}", self.key, self.home.0)
    }
}
