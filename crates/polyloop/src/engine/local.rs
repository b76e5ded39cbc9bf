//! The loops of this thread: which exist, and which one runs now.

use std::cell::RefCell;
use std::rc::Rc;

use polyloop_task::Running;

use super::{Engine, Ready, not_running, ready};
use crate::task::TaskRef;

/// Names a loop of this process; never used again. It is the home of the loop's tasks.
pub(crate) type LoopId = polyloop_task::Home;

struct Local {
    /// The loops of this thread that are not closed.
    loops: Vec<Rc<Engine>>,
    /// The loops that run an iteration now, innermost last.
    running: Vec<Rc<Engine>>,
}

thread_local! {
    static LOCAL: RefCell<Local> =
        const { RefCell::new(Local { loops: Vec::new(), running: Vec::new() }) };
}

/// Changes the thread's loops; nothing happens while the thread ends, when they are gone.
fn change<R>(change: impl FnOnce(&mut Local) -> R) -> Option<R> {
    LOCAL.try_with(|local| change(&mut local.borrow_mut())).ok()
}

/// Makes a loop findable on this thread; false while the thread ends.
pub(super) fn add(engine: Rc<Engine>) -> bool {
    change(|local| local.loops.push(engine)).is_some()
}

pub(super) fn remove(id: LoopId) {
    let removed = change(|local| {
        let position = local.loops.iter().position(|engine| engine.id == id)?;
        Some(local.loops.remove(position))
    });
    drop(removed);
}

/// Tells whether loops can be found on this thread: not while it ends.
pub(super) fn is_there() -> bool {
    change(|_| ()).is_some()
}

/// Finds a loop of this thread that is not closed.
pub(crate) fn find(id: LoopId) -> Option<Rc<Engine>> {
    // `try_with` fails while the thread ends, when its loops are gone too.
    LOCAL
        .try_with(|local| {
            let local = local.borrow();
            // The loop that runs is nearly always the one that is meant.
            if let Some(engine) = local.running.last()
                && engine.id == id
                && !engine.is_closed()
            {
                return Some(engine.clone());
            }
            let newest_first = local.running.iter().rev().chain(&local.loops);
            newest_first
                .filter(|engine| !engine.is_closed())
                .find(|engine| engine.id == id)
                .cloned()
        })
        .ok()
        .flatten()
}

/// Gives the loop that runs on this thread now.
pub(crate) fn current() -> Option<Rc<Engine>> {
    LOCAL.try_with(|local| local.borrow().running.last().cloned()).ok().flatten()
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
    change(|local| local.running.push(engine.clone()));
    Entered { engine, _running: engine.id.run() }
}

pub(super) struct Entered<'a> {
    engine: &'a Engine,
    _running: Running,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.engine.ready.settle();
        self.engine.running.set(false);
        drop(change(|local| local.running.pop()));
    }
}

/// Calls a function with the loop that runs on this thread now, if that is the one that is meant. It must not
/// change which loops there are.
#[inline]
pub(crate) fn with_running<R>(id: LoopId, call: impl FnOnce(&Engine) -> R) -> Option<R> {
    LOCAL
        .try_with(|local| {
            let local = local.borrow();
            let engine = local.running.last()?;
            (engine.id == id && !engine.is_closed()).then(|| call(engine))
        })
        .ok()
        .flatten()
}

/// Calls a function with the loop that runs on this thread now. It must not change which loops there are.
///
/// # Panics
///
/// If none runs: the caller's bug.
#[inline]
pub(crate) fn with_current<R>(call: impl FnOnce(&Engine) -> R) -> R {
    let called = LOCAL.try_with(|local| local.borrow().running.last().map(|engine| call(engine)));
    called.ok().flatten().unwrap_or_else(|| panic!("{}", not_running()))
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
