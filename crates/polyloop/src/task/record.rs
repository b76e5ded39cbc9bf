use std::cell::Cell;
use std::fmt::Write;
use std::panic::Location;
use std::task::Waker;

use polyloop_task::{LocalWaker, Record, WakerTable, Woken};

use super::awaited::{Awaited, BundleId};
use super::handle::{Outcome, TaskCallbackId, TaskReport};
use super::listeners::{Listener, Listeners};
use super::marks::Marks;
use super::{TaskKey, TaskRef};
use crate::context::{Context as Values, copy_context, is_current_empty, swap_context};
use crate::engine::{self, LoopId, Ready};

/// What the loop and a task's handle know of a task beside its future, its [`Marks`], its place in the table
/// of all tasks, and, while it is not in the ready queue, what it waited for when it was last polled.
///
/// From the moment that the task has ended `joiner` is gone and `rare` has no listeners. It is small, because a
/// server has one for each connection.
pub(crate) struct TaskRecord {
    key: TaskKey,
    created_at: &'static Location<'static>,
    /// Who awaits it, where that is a task of this thread; others are among what is rare.
    joiner: Cell<Option<LocalWaker<TaskRecord>>>,
    rare: Cell<Seldom>,
}

/// What is rare, if there is any: a box that is dropped out of the way, because mostly it is not there.
#[derive(Default)]
struct Seldom(Option<Box<Rare>>);

impl Seldom {
    /// Makes that of a new task, with its name, if it was given one, and the context of who makes it.
    #[cold]
    fn of_new(name: Option<String>) -> Seldom {
        let name = name.map(String::into_boxed_str);
        Seldom(Some(Box::new(Rare { name, context: copy_context(), ..Rare::default() })))
    }
}

impl Drop for Seldom {
    #[inline]
    fn drop(&mut self) {
        if let Some(rare) = self.0.take() {
            drop_rare(rare);
        }
    }
}

#[cold]
fn drop_rare(rare: Box<Rare>) {
    drop(rare);
}

// With the 48 bytes before it and the 8 or 16 of a small future or result a task is then 88 or 96 bytes.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<TaskRecord>() == 32 && size_of::<Awaited>() == 16);

/// What few tasks have and every task has room for.
#[derive(Default)]
struct Rare {
    name: Option<Box<str>>,
    /// The context in which the task runs, as it was when it last ran.
    context: Values,
    cancel_message: Option<String>,
    listeners: Listeners,
}

impl TaskRecord {
    /// Makes the record of a task that is in no table yet.
    #[inline]
    pub(super) fn new(
        key: TaskKey,
        name: Option<String>,
        created_at: &'static Location<'static>,
    ) -> TaskRecord {
        let rare = if name.is_none() && is_current_empty() {
            Seldom::default()
        } else {
            Seldom::of_new(name)
        };
        TaskRecord { key, created_at, joiner: Cell::default(), rare: Cell::new(rare) }
    }

    #[inline]
    pub(crate) fn key(&self) -> TaskKey {
        self.key
    }

    pub(crate) fn created_at(&self) -> &'static Location<'static> {
        self.created_at
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
        let _ = match rare.0.as_ref().and_then(|rare| rare.name.as_ref()) {
            Some(name) => into.write_str(name),
            None => write!(into, "Task-{}", self.key.number()),
        };
        self.rare.set(rare);
    }

    pub(crate) fn set_name(&self, name: String) {
        let name = name.into_boxed_str();
        let old = self.with_rare(|rare| rare.name.replace(name));
        drop(old);
    }

    /// Copies the context in which the task runs, as it was when it last ran.
    pub(super) fn context(&self) -> Values {
        if self.is_plain() { Values::new() } else { self.with_rare(|rare| rare.context.clone()) }
    }

    fn set_context(&self, context: Values) {
        if context.is_empty() && self.is_plain() {
            return;
        }
        let old = self.with_rare(|rare| std::mem::replace(&mut rare.context, context));
        drop(old);
    }

    /// Takes the message of a request to cancel.
    pub(super) fn take_cancel_message(&self) -> Option<String> {
        if self.is_plain() { None } else { self.with_rare(|rare| rare.cancel_message.take()) }
    }

    /// Notes who awaits the task; an awaiter that looks again keeps its place.
    #[inline]
    pub(super) fn set_joiner(&self, waker: &Waker) {
        let known = self.joiner.take();
        if known.is_none()
            && self.is_plain()
            && let Some(local) = LocalWaker::of(waker)
        {
            // There is none to drop.
            std::mem::forget(self.joiner.replace(Some(local)));
        } else {
            self.change_joiner(known, waker);
        }
    }

    #[cold]
    fn change_joiner(&self, known: Option<LocalWaker<TaskRecord>>, waker: &Waker) {
        let local = match known {
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
        let is_plain = rare.0.is_none();
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
        let mut rare = self.rare.take();
        let given = change(rare.0.get_or_insert_default());
        self.rare.set(rare);
        given
    }

    fn report(&self, outcome: Outcome) -> TaskReport {
        TaskReport { name: self.name(), outcome }
    }

    /// Wakes who awaits the task, and has the callbacks run in the next iteration.
    #[cold]
    fn tell(&self, joiner: Option<LocalWaker<TaskRecord>>, home: LoopId, outcome: Outcome) {
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

/// Gives a task another context.
pub(super) fn set_context(task: &TaskRef, context: Values) {
    Marks::of(task).note_context();
    task.set_context(context);
}

/// Notes that a new task may have a context, which its record was made with.
#[inline]
pub(super) fn note_first_context(task: &TaskRef) {
    if !is_current_empty() {
        Marks::of(task).note_context();
    }
}

/// Enters a task's context, for one poll, and gives the outer one, unless nothing is set in either, as mostly: then
/// there is nothing to swap.
#[inline]
pub(super) fn enter_context(task: &TaskRef) -> Option<Values> {
    if is_current_empty() && !Marks::of(task).may_have_context() {
        return None;
    }
    enter_set_context(task)
}

#[cold]
fn enter_set_context(task: &TaskRef) -> Option<Values> {
    let context = task.context();
    if context.is_empty() && is_current_empty() { None } else { Some(swap_context(context)) }
}

/// Leaves a task's context, which is kept for its next poll, for the outer one that entering gave.
#[inline]
pub(super) fn leave_context(task: &TaskRef, outer: Option<Values>) {
    if outer.is_some() || !is_current_empty() {
        leave_set_context(task, outer.unwrap_or_default());
    }
}

#[cold]
fn leave_set_context(task: &TaskRef, outer: Values) {
    set_context(task, swap_context(outer));
}

impl Record for TaskRecord {
    type Note = Awaited;

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

    #[inline]
    fn ended(task: &TaskRef) {
        let joiner = task.joiner.take();
        if !task.is_plain() {
            let outcome = task.outcome().expect("the body notes how the task ends");
            task.tell(joiner, task.home(), outcome);
        } else if let Some(joiner) = joiner {
            // A waker of this thread's only queues its task: none of the user's code runs.
            joiner.wake();
        }
    }
}

/// What can be asked of a task that is there, whatever it gives.
pub(crate) trait AnyTask {
    /// Tells how the task ended, if it has.
    fn outcome(&self) -> Option<Outcome>;

    /// Tells what the task said that it waits for, when it was last polled.
    fn awaited(&self) -> Awaited;

    /// Notes that the result was looked at.
    fn set_asked(&self);

    /// Notes a request to end; the task sees it when its turn in the ready queue comes.
    fn cancel(&self, message: Option<String>) -> bool;

    /// Has something told when the task has ended, an iteration later; it may have ended already.
    fn listen(&self, listener: Listener) -> TaskCallbackId;
}

impl AnyTask for TaskRef {
    #[inline]
    fn outcome(&self) -> Option<Outcome> {
        Marks::of(self).outcome()
    }

    fn awaited(&self) -> Awaited {
        // In the ready queue it waits for its turn.
        self.note().unwrap_or(Awaited::Turn)
    }

    fn set_asked(&self) {
        Marks::of(self).look();
    }

    fn cancel(&self, message: Option<String>) -> bool {
        if self.outcome().is_some() {
            return false;
        }
        if message.is_some() || !self.is_plain() {
            self.with_rare(|rare| rare.cancel_message = message);
        }
        Marks::of(self).ask_cancel();
        self.wake();
        true
    }

    fn listen(&self, listener: Listener) -> TaskCallbackId {
        let Some(outcome) = self.outcome() else { return self.add_listener(listener) };
        if let Some(engine) = engine::find(self.home()) {
            let callback = listener.into_callback(|| self.report(outcome));
            engine.push_ready(Ready::Callback(callback));
        }
        self.with_rare(|rare| rare.listeners.reserve())
    }
}
