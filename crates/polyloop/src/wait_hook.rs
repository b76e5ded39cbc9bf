use std::cell::{Cell, RefCell};
use std::rc::Rc;

use polyloop_core::Time;

use crate::exception::Reporter;

/// What runs around each turn of the backend, the only place where a loop waits.
///
/// A foreign language's loop gives its interpreter's lock away here, and takes it back. A panic
/// goes to the exception handler and stops nothing.
pub trait WaitHook {
    /// Is called before a turn that waits at most until then; [`Time::ZERO`] is a look without
    /// waiting. What a hook schedules shortens the wait.
    fn before_wait(&self, until: Time) {
        let _ = until;
    }

    /// Is called after the turn, before anything that it completed runs.
    fn after_wait(&self) {}
}

/// Names a hook of one loop, to remove it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitHookId(u64);

/// The hooks of a loop, in the order in which they were added; nothing if there are none.
///
/// The list is never changed, only replaced, so that a hook may add and remove hooks.
#[derive(Default)]
pub(crate) struct WaitHooks {
    list: RefCell<Option<HookList>>,
    added: Cell<u64>,
}

type HookList = Rc<[(WaitHookId, Rc<dyn WaitHook>)]>;

impl WaitHooks {
    pub(crate) fn add(&self, hook: Rc<dyn WaitHook>) -> WaitHookId {
        let id = WaitHookId(self.added.get());
        self.added.set(id.0 + 1);
        let old = self.list();
        let list = old.iter().flat_map(|list| list.iter()).cloned().chain([(id, hook)]).collect();
        self.list.replace(Some(list));
        id
    }

    pub(crate) fn remove(&self, id: WaitHookId) -> bool {
        // Held to the end, so that a hook's destructor finds nothing borrowed.
        let Some(old) = self.list() else { return false };
        let left: HookList = old.iter().filter(|(other, _)| *other != id).cloned().collect();
        let found = left.len() < old.len();
        self.list.replace((!left.is_empty()).then_some(left));
        found
    }

    pub(crate) fn clear(&self) {
        let old = self.list.take();
        drop(old);
    }

    /// Gives the hooks as they are now, for one turn.
    pub(crate) fn list(&self) -> Option<HookList> {
        self.list.borrow().clone()
    }
}

/// Calls the hooks in the order in which they were added.
pub(crate) fn before_wait(hooks: &HookList, reporter: &Reporter, until: Time) {
    hooks.iter().for_each(|(_, hook)| reporter.guard(|| hook.before_wait(until)));
}

/// Calls the hooks in the opposite order, so that they nest.
pub(crate) fn after_wait(hooks: &HookList, reporter: &Reporter) {
    hooks.iter().rev().for_each(|(_, hook)| reporter.guard(|| hook.after_wait()));
}
