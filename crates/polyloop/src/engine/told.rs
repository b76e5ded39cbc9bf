//! Who is told of a completion: a task's waker, or a handler that is called.

use std::rc::Rc;
use std::task::Waker;

use super::effect::Effect;
use super::{Engine, WaitId};
use crate::task::{Awaited, LocalWaker, awaited};
use crate::wakers::Wakers;

/// A handler of completions: called in its own place in the ready queue, once for all that an op
/// brought until then.
///
/// It allocates nothing for each completion. An entry that was given up calls nobody.
pub(crate) trait OnCompletion {
    /// Is called with the entry's name, to take what there is.
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, id: WaitId);

    /// Is called when the loop closes and the entry goes: nothing will complete any more, and what
    /// holds itself has to let go.
    fn on_loop_closed(self: Rc<Self>) {}
}

/// Who is told of a completion.
pub(super) enum Told {
    Nobody,
    /// A task of this thread, once: while it is `armed`. It stays for the next time, because it is mostly the same
    /// task that waits again. Waking or dropping it runs none of the user's code, so both may be done in a borrow.
    Task {
        task: LocalWaker,
        armed: bool,
    },
    /// Anybody else, once: while it is `armed`. Of a multishot op the waker stays for the next time.
    Waker {
        waker: Waker,
        armed: bool,
    },
    /// Everybody on a list, every time.
    Everybody(Rc<Wakers>),
    /// A handler, every time; `queued` while its call is in the ready queue.
    Handler {
        handler: Rc<dyn OnCompletion>,
        queued: bool,
    },
}

/// Abandons an entry when it is dropped.
struct Abandons<'a> {
    engine: &'a Engine,
    id: WaitId,
}

impl Drop for Abandons<'_> {
    fn drop(&mut self) {
        self.engine.abandon(self.id);
    }
}

impl Told {
    /// Tells whoever `waker` wakes, once.
    #[inline]
    pub(super) fn once(waker: &Waker) -> Told {
        match LocalWaker::of(waker) {
            Some(task) => Told::Task { task, armed: true },
            None => Told::Waker { waker: waker.clone(), armed: true },
        }
    }

    /// Wakes a task of this thread, if that is who is to be told.
    #[inline]
    pub(super) fn wake_task(&mut self) -> bool {
        let Told::Task { task, armed } = self else { return false };
        if std::mem::replace(armed, false) {
            task.wake();
        }
        true
    }

    /// Tells of a completion of the entry `id`, and says what else that causes than a task's waking.
    #[inline]
    pub(super) fn told(&mut self, id: WaitId) -> Effect {
        if self.wake_task() { Effect::Nothing } else { self.told_other(id) }
    }

    #[cold]
    fn told_other(&mut self, id: WaitId) -> Effect {
        match self {
            Told::Task { .. } => Effect::Nothing,
            Told::Nobody
            | Told::Handler { queued: true, .. }
            | Told::Waker { armed: false, .. } => Effect::Nothing,
            Told::Handler { queued, .. } => {
                *queued = true;
                Effect::Call(id)
            }
            Told::Everybody(wakers) => Effect::WakeAll(wakers.clone()),
            Told::Waker { .. } => match std::mem::replace(self, Told::Nobody) {
                Told::Waker { waker, .. } => Effect::Wake(waker),
                _ => Effect::Nothing,
            },
        }
    }

    /// Says what telling that there is something to read causes: a waker is kept.
    #[cold]
    pub(super) fn told_readable(&mut self, id: WaitId) -> Effect {
        match self.told(id) {
            Effect::Wake(waker) => Effect::WakeAndKeep(id, waker),
            effect => effect,
        }
    }

    /// Arms the waker that is there, if it wakes the same task.
    #[inline]
    fn rearm(&mut self, by: &Waker) -> bool {
        let armed = match self {
            Told::Task { task, armed } if task.will_wake(by) => armed,
            Told::Waker { waker, armed } if waker.will_wake(by) => armed,
            _ => return false,
        };
        *armed = true;
        true
    }
}

impl Engine {
    /// Has the next completion wake `waker`.
    pub(crate) fn wake_on(&self, id: WaitId, waker: &Waker) {
        let mut waits = self.waits.borrow_mut();
        let Some(wait) = waits.entries.get_mut(id) else { return };
        let (kind, key) = wait.what();
        awaited::note(Awaited::Op(kind, key));
        if wait.told.rearm(waker) {
            return;
        }
        if matches!(wait.told, Told::Nobody | Told::Task { .. })
            && let Some(task) = LocalWaker::of(waker)
        {
            wait.told = Told::Task { task, armed: true };
            return;
        }
        // Cloning and dropping a waker can run the user's code, so neither is done in a borrow.
        drop(waits);
        self.tell(id, Told::once(waker));
    }

    /// Has the completion of an op that has just begun wake a waker of the user's, which may panic when it is cloned:
    /// nobody waits for the op then.
    #[cold]
    pub(super) fn wake_first_on(&self, id: WaitId, waker: &Waker) {
        let abandoned = Abandons { engine: self, id };
        self.wake_on(id, waker);
        std::mem::forget(abandoned);
    }

    /// Has the next completion of a multishot op wake the task that waited for the last one; tells
    /// whether it does, which is so if the op goes on and the task is the same.
    #[inline]
    pub(crate) fn wake_again_on(&self, id: WaitId, waker: &Waker) -> bool {
        let mut waits = self.waits.borrow_mut();
        let Some(wait) = waits.entries.get_mut(id).filter(|wait| wait.is_in_flight()) else {
            return false;
        };
        let (kind, key) = wait.what();
        let is_armed = wait.told.rearm(waker);
        if is_armed {
            awaited::note(Awaited::Op(kind, key));
        }
        is_armed
    }

    /// Wakes who waits for a multishot op, and keeps the waker for the next time.
    pub(super) fn wake_and_keep(&self, id: WaitId, waker: Waker) {
        self.reporter.guard(|| waker.wake_by_ref());
        let mut waits = self.waits.borrow_mut();
        match waits.entries.get_mut(id).map(|wait| &mut wait.told) {
            Some(told @ Told::Nobody) => *told = Told::Waker { waker, armed: false },
            // Somebody else waits already, or nobody can any more. Dropping it can run the user's code.
            _ => {
                drop(waits);
                self.reporter.guard(|| drop(waker));
            }
        }
    }

    /// Has every completion from now on wake everybody who is on a list then.
    pub(crate) fn wake_all_on(&self, id: WaitId, wakers: &Rc<Wakers>) {
        match self.waits.borrow().entries.get(id) {
            None => return,
            Some(wait) => {
                let (kind, key) = wait.what();
                awaited::note(Awaited::Op(kind, key));
                if matches!(&wait.told, Told::Everybody(old) if Rc::ptr_eq(old, wakers)) {
                    return;
                }
            }
        }
        self.tell(id, Told::Everybody(wakers.clone()));
    }

    /// Has every completion from now on call `handler`, in its place in the ready queue.
    pub(crate) fn call_on(&self, id: WaitId, handler: Rc<dyn OnCompletion>) {
        self.tell(id, Told::Handler { handler, queued: false });
    }

    fn tell(&self, id: WaitId, told: Told) {
        let mut waits = self.waits.borrow_mut();
        let old = waits.entries.get_mut(id).map(|wait| std::mem::replace(&mut wait.told, told));
        drop(waits);
        drop(old);
    }

    /// Calls the handler of an entry, if the entry has not been given up meanwhile.
    pub(super) fn call_handler(self: &Rc<Self>, id: WaitId) {
        let mut waits = self.waits.borrow_mut();
        let told = waits.entries.get_mut(id).map(|wait| &mut wait.told);
        let Some(Told::Handler { handler, queued }) = told else { return };
        *queued = false;
        let handler = handler.clone();
        drop(waits);
        handler.on_completion(self, id);
    }
}

#[cfg(test)]
mod tests;
