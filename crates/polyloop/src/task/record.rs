use std::cell::Cell;
use std::fmt::Write;
use std::panic::Location;
use std::task::Waker;

use polyloop_task::{LocalWaker, Record, WakerTable, Woken};

use super::awaited::{Awaited, BundleId};
use super::handle::{Outcome, TaskCallbackId, TaskReport};
use super::listeners::{Listener, Listeners};
use super::table::NOWHERE;
use super::{TaskKey, TaskRef, TaskTable};
use crate::context::{Context as Values, copy_context, is_current_empty, swap_context};
use crate::engine::{self, LoopId, Ready};

/// What the loop and a task's handle know of a task beside its future.
///
/// `outcome` is there from the moment that the task has ended. `joiner` is gone and
/// `rare` has no listeners from then on. `is_asked` is true once somebody has looked at the result.
pub(crate) struct TaskRecord {
    key: TaskKey,
    /// How many of the tasks that were made before it were given names.
    named_before: u32,
    /// Where it is in its loop's table.
    pub(super) place: Cell<u32>,
    created_at: &'static Location<'static>,
    context: Cell<Values>,
    /// What it waited for when it was last polled.
    awaited: Cell<Awaited>,
    /// Who awaits it, where that is a task of this thread; others are among what is rare.
    joiner: Cell<Option<LocalWaker<TaskRecord>>>,
    rare: Cell<Option<Box<Rare>>>,
    outcome: Cell<Option<Outcome>>,
    is_cancel_asked: Cell<bool>,
    is_asked: Cell<bool>,
}

/// What few tasks have and every task has room for.
#[derive(Default)]
struct Rare {
    name: Option<Box<str>>,
    cancel_message: Option<String>,
    listeners: Listeners,
}

impl TaskRecord {
    /// Makes the record of a task that is in no table yet.
    pub(super) fn new(
        key: TaskKey,
        named_before: u32,
        name: Option<String>,
        created_at: &'static Location<'static>,
    ) -> TaskRecord {
        let record = TaskRecord {
            key,
            named_before,
            place: Cell::new(NOWHERE),
            created_at,
            context: Cell::new(copy_context()),
            awaited: Cell::new(Awaited::Turn),
            joiner: Cell::default(),
            rare: Cell::default(),
            outcome: Cell::default(),
            is_cancel_asked: Cell::new(false),
            is_asked: Cell::new(false),
        };
        if let Some(name) = name {
            record.set_name(name);
        }
        record
    }

    #[inline]
    pub(crate) fn key(&self) -> TaskKey {
        self.key
    }

    pub(crate) fn created_at(&self) -> &'static Location<'static> {
        self.created_at
    }

    #[inline]
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.outcome.get()
    }

    pub(super) fn set_outcome(&self, outcome: Outcome) {
        self.outcome.set(Some(outcome));
    }

    pub(crate) fn name(&self) -> String {
        let mut name = String::new();
        self.write_name(&mut name);
        name
    }

    /// Adds the name to a text, for who must not allocate.
    pub(crate) fn write_name(&self, into: &mut String) {
        let rare = self.rare.take();
        // Writing to a String does not fail.
        let _ = match rare.as_ref().and_then(|rare| rare.name.as_ref()) {
            Some(name) => into.write_str(name),
            None => write!(into, "Task-{}", TaskTable::number(self.key, self.named_before)),
        };
        self.rare.set(rare);
    }

    pub(crate) fn set_name(&self, name: String) {
        let name = name.into_boxed_str();
        let old = self.with_rare(|rare| rare.name.replace(name));
        drop(old);
    }

    /// Tells what the task said that it waits for, when it was last polled.
    pub(crate) fn awaited(&self) -> Awaited {
        self.awaited.get()
    }

    #[inline]
    pub(super) fn set_awaited(&self, awaited: Awaited) {
        self.awaited.set(awaited);
    }

    /// Notes that the result was looked at.
    pub(super) fn set_asked(&self) {
        self.is_asked.set(true);
    }

    pub(super) fn is_asked(&self) -> bool {
        self.is_asked.get()
    }

    /// Copies the context in which the task runs, as it was when it last ran.
    pub(super) fn context(&self) -> Values {
        let kept = self.context.take();
        let copy = kept.clone();
        self.context.set(kept);
        copy
    }

    pub(super) fn set_context(&self, context: Values) {
        let old = self.context.replace(context);
        drop(old);
    }

    /// Enters the task's context, for one poll.
    #[inline]
    pub(super) fn enter_context(&self) -> InContext<'_> {
        // Mostly nothing is set in either, and then there is nothing to swap.
        if self.is_context_empty() && is_current_empty() {
            return InContext { record: self, outer: Values::new() };
        }
        InContext { record: self, outer: swap_context(self.context()) }
    }

    #[inline]
    fn is_context_empty(&self) -> bool {
        let kept = self.context.take();
        let is_empty = kept.is_empty();
        self.context.set(kept);
        is_empty
    }

    /// Takes the request to cancel, if there is one, with its message.
    #[inline]
    pub(super) fn take_cancel(&self) -> Option<Option<String>> {
        if !self.is_cancel_asked.get() {
            return None;
        }
        self.is_cancel_asked.set(false);
        Some(self.with_rare(|rare| rare.cancel_message.take()))
    }

    /// Notes who awaits the task; an awaiter that looks again keeps its place.
    pub(super) fn set_joiner(&self, waker: &Waker) {
        let local = match self.joiner.take() {
            Some(known) if known.will_wake(waker) => Some(known),
            _ => LocalWaker::of(waker),
        };
        let is_local = local.is_some();
        self.joiner.set(local);
        if !is_local || !self.is_plain() {
            let joiner = (!is_local).then_some(waker);
            let old = self.with_rare(|rare| rare.listeners.set_joiner(joiner));
            drop(old);
        }
    }

    /// Adds what is told when the task has ended.
    fn add_listener(&self, listener: Listener) -> TaskCallbackId {
        let is_joined = self.has_joiner();
        self.with_rare(|rare| rare.listeners.add(listener, is_joined))
    }

    /// Gives the bundles in which somebody awaits the task.
    pub(crate) fn bundles(&self) -> Vec<BundleId> {
        if self.is_plain() { Vec::new() } else { self.with_rare(|rare| rare.listeners.bundles()) }
    }

    /// Takes back what was to be told, and tells whether it still was.
    pub(crate) fn unlisten(&self, id: TaskCallbackId) -> bool {
        if self.is_plain() {
            return false;
        }
        let removed = self.with_rare(|rare| rare.listeners.remove(id));
        removed.is_some()
    }

    /// Tells whether the task has nothing that is rare.
    #[inline]
    fn is_plain(&self) -> bool {
        let rare = self.rare.take();
        let is_plain = rare.is_none();
        self.rare.set(rare);
        is_plain
    }

    fn has_joiner(&self) -> bool {
        let joiner = self.joiner.take();
        let is_there = joiner.is_some();
        self.joiner.set(joiner);
        is_there
    }

    /// Changes what is rare, by a function that calls nobody.
    fn with_rare<T>(&self, change: impl FnOnce(&mut Rare) -> T) -> T {
        let mut rare = self.rare.take().unwrap_or_default();
        let given = change(&mut rare);
        self.rare.set(Some(rare));
        given
    }

    fn report(&self, outcome: Outcome) -> TaskReport {
        TaskReport { name: self.name(), outcome }
    }

    /// Wakes who awaits the task, and has the callbacks run in the next iteration.
    fn tell(&self, home: LoopId, outcome: Outcome) {
        let joiner = self.joiner.take();
        if self.is_plain() {
            // A waker of this thread's only queues its task: none of the user's code runs.
            if let Some(joiner) = joiner {
                joiner.wake();
            }
            return;
        }
        let listeners = self.with_rare(|rare| std::mem::take(&mut rare.listeners));
        let engine = engine::find(home);
        listeners.tell(joiner, |listener| match (&engine, listener) {
            (Some(engine), listener) => {
                let callback = listener.into_callback(|| self.report(outcome));
                engine.push_ready(Ready::Callback(callback));
            }
            // A loop that is gone runs nothing any more, but another may wait for this task.
            (None, Listener::Notified(_, callback)) => callback.call(),
            (None, Listener::Told(_)) => {}
        });
    }
}

impl Record for TaskRecord {
    type Home = LoopId;

    #[inline]
    fn wakers() -> &'static WakerTable<TaskRecord> {
        static WAKERS: WakerTable<TaskRecord> = WakerTable::new();
        &WAKERS
    }

    #[inline]
    fn ready(task: TaskRef) {
        engine::make_ready(task);
    }

    fn post(home: LoopId, woken: Woken<TaskRecord>) {
        engine::post(home, woken);
    }

    fn ended(task: &TaskRef) {
        engine::leave(task);
        let outcome = task.outcome().expect("the body notes how the task ends");
        task.tell(task.home(), outcome);
    }
}

/// What can be asked of a task that is there, whatever it gives.
pub(crate) trait AnyTask {
    /// Notes a request to end; the task sees it when its turn in the ready queue comes.
    fn cancel(&self, message: Option<String>) -> bool;

    /// Has something told when the task has ended, an iteration later; it may have ended already.
    fn listen(&self, listener: Listener) -> TaskCallbackId;
}

impl AnyTask for TaskRef {
    fn cancel(&self, message: Option<String>) -> bool {
        if self.outcome.get().is_some() {
            return false;
        }
        if message.is_some() || !self.is_plain() {
            self.with_rare(|rare| rare.cancel_message = message);
        }
        self.is_cancel_asked.set(true);
        self.wake();
        true
    }

    fn listen(&self, listener: Listener) -> TaskCallbackId {
        let Some(outcome) = self.outcome.get() else { return self.add_listener(listener) };
        if let Some(engine) = engine::find(self.home()) {
            let callback = listener.into_callback(|| self.report(outcome));
            engine.push_ready(Ready::Callback(callback));
        }
        self.with_rare(|rare| rare.listeners.reserve())
    }
}

/// A task's context is the current one until this is dropped; what was set stays the task's.
pub(super) struct InContext<'a> {
    record: &'a TaskRecord,
    outer: Values,
}

impl Drop for InContext<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.outer.is_empty() && self.record.is_context_empty() && is_current_empty() {
            return;
        }
        self.record.set_context(swap_context(std::mem::take(&mut self.outer)));
    }
}
