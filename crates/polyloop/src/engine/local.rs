//! The loops of this thread: which exist, and which one runs now.

use std::cell::{Cell, RefCell};
use std::mem::{self, ManuallyDrop};
use std::rc::Rc;

use polyloop_task::Running;

use super::{Engine, Ready, ready};
use crate::task::TaskRef;

/// Names a loop of this process; never used again. It is the home of the loop's tasks.
pub(crate) type LoopId = polyloop_task::Home;

thread_local! {
    /// The loops of this thread that are not closed.
    static LOOPS: RefCell<Vec<Rc<Engine>>> = const { RefCell::new(Vec::new()) };
    /// The loop that runs an iteration now, the innermost of those that do: nothing while none does, so there is nothing
    /// to drop when the thread ends. Without a destructor, finding it takes no look at whether the thread does.
    static CURRENT: ManuallyDrop<Cell<Option<Rc<Engine>>>> =
        const { ManuallyDrop::new(Cell::new(None)) };
}

/// Changes the thread's loops; nothing happens while the thread ends, when they are gone.
fn change<R>(change: impl FnOnce(&mut Vec<Rc<Engine>>) -> R) -> Option<R> {
    LOOPS.try_with(|loops| change(&mut loops.borrow_mut())).ok()
}

/// Makes a loop findable on this thread; false while the thread ends.
pub(super) fn add(engine: Rc<Engine>) -> bool {
    change(|loops| loops.push(engine)).is_some()
}

pub(super) fn remove(id: LoopId) {
    let removed = change(|loops| {
        let position = loops.iter().position(|engine| engine.id == id)?;
        Some(loops.remove(position))
    });
    drop(removed);
}

/// Tells whether loops can be found on this thread: not while it ends.
pub(super) fn is_there() -> bool {
    change(|_| ()).is_some()
}

/// Finds a loop of this thread that is not closed.
#[inline]
pub(crate) fn find(id: LoopId) -> Option<Rc<Engine>> {
    // The loop that runs is nearly always the one that is meant.
    running(id).or_else(|| find_among_all(id))
}

#[cold]
fn find_among_all(id: LoopId) -> Option<Rc<Engine>> {
    let is_meant = |engine: &&Rc<Engine>| engine.id == id && !engine.is_closed();
    change(|loops| loops.iter().find(is_meant).cloned()).flatten()
}

/// Gives the loop that runs on this thread now.
#[inline]
pub(crate) fn current() -> Option<Rc<Engine>> {
    CURRENT.with(|current| {
        let engine = current.take();
        let found = engine.clone();
        // Nothing was put there meanwhile, so there is nothing to drop.
        mem::forget(current.replace(engine));
        found
    })
}

#[inline]
pub(crate) fn is_any_running() -> bool {
    LoopId::running().is_some()
}

/// Declares a loop running until the guard is dropped, also by a panic.
pub(super) fn enter(engine: &Rc<Engine>) -> Entered<'_> {
    // The loop that runs until now is this one's host.
    if let Some(host) = current() {
        host.ready.settle();
        host.attention.set(true);
    }
    engine.running.set(true);
    let current = is_there().then(|| engine.clone());
    let outer = CURRENT.with(|innermost| innermost.replace(current));
    let running = Some(engine.id.run());
    engine.ready.resume();
    Entered { engine, outer, running }
}

pub(super) struct Entered<'a> {
    engine: &'a Engine,
    /// The loop that ran until then.
    outer: Option<Rc<Engine>>,
    running: Option<Running>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.engine.ready.settle();
        self.engine.running.set(false);
        drop(self.running.take());
        if let Some(outer) = &self.outer {
            outer.ready.resume();
        }
        let outer = self.outer.take();
        let ran = CURRENT.with(|current| current.replace(outer));
        drop(ran);
    }
}

/// Gives the loop that runs on this thread now, if that is the one that is meant and it is not closed.
#[inline]
pub(crate) fn running(id: LoopId) -> Option<Rc<Engine>> {
    current().filter(|engine| engine.id == id && !engine.is_closed())
}

/// Queues a task on its home loop, which is one of this thread's; one whose home is closed stays as it is.
#[inline]
pub(crate) fn make_ready(task: TaskRef) {
    // The loop that runs is nearly always the one that is meant, and nobody has to be told.
    if let Err(task) = ready::push_running(task) {
        push_elsewhere(task);
    }
}

#[cold]
fn push_elsewhere(task: TaskRef) {
    if let Some(engine) = find(task.home()) {
        engine.push_ready(Ready::Task(task));
    }
}
