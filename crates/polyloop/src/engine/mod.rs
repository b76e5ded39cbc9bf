//! The frontend's loop: what [`Loop`](crate::Loop) and every future reach through a thread-local.
//!
//! No waker, callback or user destructor runs while a `RefCell` in here is borrowed: what is
//! taken out of a table is dropped or called after the borrow has ended.

mod close;
mod debug;
mod effect;
mod inbox;
mod iteration;
mod local;
mod mutant;
mod ready;
mod round;
mod sleeper;
mod stop;
mod told;
mod wait_id;
mod waits;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use polyloop_core::{
    Batch, Buffer, Error, ErrorKind, EventLoop, LoopConfig, Result, Time, TimerId, TimerQueue,
    limits,
};

use crate::backend::{self, Backend, BackendInfo, Driver};
use crate::callback::Callback;
use crate::exception::Reporter;
use crate::executor::DefaultExecutor;
use crate::foreign::Watchers;
use crate::inspection::Inspection;
use crate::names::ResolverSlot;
use crate::sys::os_events::OsEvents;
use crate::task::{Awaited, TaskKey, TaskRef, TaskTable, awaited};
use crate::wait_hook::WaitHooks;

use debug::Debug;
pub(crate) use inbox::{Posted, Shared, post};
pub(crate) use local::{LoopId, current, find, is_any_running, make_ready, running};
#[cfg(not(feature = "__mutants"))]
use mutant::Mutant;
use mutant::is_mutant;
#[cfg(feature = "__mutants")]
pub use mutant::{Mutant, set_mutant};
pub(crate) use ready::Ready;
use ready::ReadyItems;
pub(crate) use sleeper::Sleeper;
use stop::Stop;
pub(crate) use told::OnCompletion;
pub(crate) use wait_id::WaitId;
pub(crate) use waits::Begun;
use waits::Waits;

/// One loop of the frontend.
///
/// `ready` holds what runs next; `timers` what becomes ready with time; `waits` what becomes
/// ready by a completion; `tasks` every task that has not ended. `running` is true exactly while
/// an iteration is on the stack, or iterations follow each other.
pub(crate) struct Engine {
    pub(crate) id: LoopId,
    pub(crate) shared: Arc<Shared>,
    pub(crate) info: BackendInfo,
    pub(crate) tasks: TaskTable,
    pub(crate) reporter: Reporter,
    pub(crate) inspection: Inspection,
    pub(crate) receives_ahead: bool,
    pub(crate) wait_hooks: WaitHooks,
    pub(crate) default_executor: DefaultExecutor,
    pub(crate) resolver: ResolverSlot,
    pub(crate) os_events: OsEvents,
    pub(crate) watchers: Watchers,
    driver: RefCell<Driver>,
    /// Away while a turn fills it.
    batch: Cell<Option<Batch>>,
    /// What was posted, while it is taken; kept for its allocation.
    posted: Cell<Vec<Posted>>,
    ready: ReadyItems,
    timers: RefCell<TimerQueue<Due>>,
    /// The earliest deadline of `timers`.
    next_timer: Cell<Time>,
    waits: RefCell<Waits>,
    spare_buffers: RefCell<Vec<Buffer>>,
    stop: Stop,
    debug: Debug,
    /// What runs is watched: for debug mode, or by a watchdog.
    is_watched: Cell<bool>,
    running: Cell<bool>,
    closed: Cell<bool>,
    budget: Cell<u32>,
    since_poll: SincePoll,
    /// Something other than woken tasks has to be looked at after this iteration: a timer was armed, something was queued that
    /// is no task, the main task has ended, the loop was asked to stop.
    attention: Cell<bool>,
    /// The task until whose end the loop is run.
    main: Cell<Option<TaskKey>>,
}

/// What a timer does when it is due.
pub(crate) enum Due {
    Wake(Sleeper),
    Call(Rc<dyn Callback>),
}

/// What has run since the backend was last looked at.
#[derive(Default)]
struct SincePoll {
    callbacks: Cell<usize>,
    /// How many of them had run when `now` was read.
    clocked: Cell<usize>,
    at: Cell<Time>,
    now: Cell<Time>,
}

impl Engine {
    /// Builds a loop on this thread and makes it findable there.
    pub(crate) fn new(backend: &Backend, config: &LoopConfig) -> Result<Rc<Engine>> {
        let (driver, info) = backend::build(backend, config)?;
        let shared = Shared::register(driver.waker());
        let debug = Debug::from_environment();
        let engine = Rc::new(Engine {
            id: shared.id(),
            receives_ahead: driver.capabilities().receives_ahead,
            info,
            tasks: TaskTable::new(),
            reporter: Reporter::default(),
            inspection: Inspection::default(),
            driver: RefCell::new(driver),
            batch: Cell::new(Some(Batch::new())),
            posted: Cell::default(),
            ready: ReadyItems::new(shared.id()),
            timers: RefCell::new(TimerQueue::new()),
            next_timer: Cell::new(Time::NEVER),
            waits: RefCell::new(Waits::default()),
            spare_buffers: RefCell::new(Vec::new()),
            wait_hooks: WaitHooks::default(),
            default_executor: DefaultExecutor::default(),
            resolver: ResolverSlot::default(),
            os_events: OsEvents::default(),
            watchers: Watchers::default(),
            stop: Stop::default(),
            is_watched: Cell::new(debug.is_on()),
            debug,
            running: Cell::new(false),
            closed: Cell::new(false),
            budget: Cell::new(limits::OPS_PER_POLL),
            since_poll: SincePoll::default(),
            attention: Cell::new(true),
            main: Cell::default(),
            shared,
        });
        if !local::add(engine.clone()) {
            return Err(Error::new(ErrorKind::InvalidInput)
                .attempting("make a loop on a thread that is ending"));
        }
        Ok(engine)
    }

    /// Gives the backend, for one call that does not call back.
    pub(crate) fn with_driver<R>(&self, call: impl FnOnce(&mut Driver) -> R) -> R {
        call(&mut self.driver.borrow_mut())
    }

    pub(crate) fn now(&self) -> Time {
        self.driver.borrow().now()
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.get()
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    pub(crate) fn check_open(&self) -> Result<()> {
        if self.is_closed() { Err(ErrorKind::LoopClosed.into()) } else { Ok(()) }
    }

    /// Panics where a call that cannot fail comes too late.
    #[track_caller]
    #[inline]
    pub(crate) fn assert_open(&self) {
        assert!(
            !self.is_closed(),
            "the loop is closed: it takes no more callbacks, timers or tasks"
        );
    }

    /// Puts something at the end of the ready queue; a host that waits on the loop's behalf
    /// is told.
    pub(crate) fn push_ready(&self, ready: Ready) {
        if self.is_closed() {
            // This is the home thread, so a task may be dropped here; nothing is borrowed.
            return self.reporter.guard(|| drop(ready));
        }
        self.ready.push(ready);
        self.attention.set(true);
        self.tell_host();
    }

    /// Tells whether a task is in the ready queue, or was made ready by another thread.
    pub(crate) fn is_ready(&self, task: &TaskRef) -> bool {
        task.is_queued() || self.posted_tasks().contains(&task.key())
    }

    /// Names the tasks that other threads have made ready.
    pub(crate) fn posted_tasks(&self) -> HashSet<TaskKey> {
        self.shared.posted_tasks()
    }

    /// Counts what is ready, and the timers that are armed.
    pub(crate) fn queued(&self) -> (usize, usize) {
        (self.ready.len(), self.timers.borrow().len())
    }

    /// Arms a timer; a host that waits on the loop's behalf is told if it is now the earliest.
    #[inline]
    pub(crate) fn arm(&self, deadline: Time, due: Due) -> TimerId {
        let mut timers = self.timers.borrow_mut();
        let deadline = if is_mutant(Mutant::TiesReversed) {
            Time::from_nanos(deadline.as_nanos().saturating_sub(timers.len() as u64))
        } else {
            deadline
        };
        let id = timers.insert(deadline, due);
        drop(timers);
        if deadline < self.next_timer.get() {
            self.next_timer.set(deadline);
            self.attention.set(true);
            self.tell_host();
        }
        id
    }

    /// Disarms a timer; false if it has fired.
    pub(crate) fn disarm(&self, id: TimerId) -> bool {
        self.take_timer(id).is_some()
    }

    /// Disarms a timer; gives what it would have done, if that is to be dropped where nothing is borrowed.
    #[inline]
    pub(crate) fn forget_timer(&self, id: TimerId) -> Option<Due> {
        match self.take_timer(id) {
            // Dropping that runs none of the user's code.
            None | Some(Due::Wake(Sleeper::Task(_))) => None,
            due => due,
        }
    }

    #[inline]
    fn take_timer(&self, id: TimerId) -> Option<Due> {
        let mut timers = self.timers.borrow_mut();
        let due = timers.cancel(id);
        self.next_timer.set(timers.next_deadline());
        due
    }

    /// Tells whether a timer wakes `waker` when it fires; nothing if it has fired, or wakes nobody.
    pub(crate) fn will_wake(&self, id: TimerId, waker: &Waker) -> Option<bool> {
        match self.timers.borrow_mut().get_mut(id) {
            Some(Due::Wake(sleeper)) => Some(sleeper.will_wake(waker)),
            _ => None,
        }
    }

    /// Tells whether a timer is still to fire, and has it wake `waker` when it does.
    pub(crate) fn rewake(&self, id: TimerId, waker: &Waker) -> bool {
        match self.timers.borrow_mut().get_mut(id) {
            Some(Due::Wake(old)) if old.will_wake(waker) => return true,
            Some(Due::Wake(_)) => {}
            _ => return false,
        }
        // Cloning and dropping a waker can run the user's code, so neither is done in a borrow.
        let new = Due::Wake(Sleeper::of(waker));
        let old = self.timers.borrow_mut().get_mut(id).map(|due| std::mem::replace(due, new));
        drop(old);
        true
    }

    /// Spends one op of the running task's budget; at its end the task must yield.
    ///
    /// Only the loop's own iterations refill it, so what a host's task asks of its guest is free.
    fn spend(&self) -> bool {
        if !self.running.get() {
            return true;
        }
        let left = self.budget.get();
        self.budget.set(left.saturating_sub(1));
        left > 0
    }

    /// Spends one op of the running task's budget, or has the task yield.
    #[inline]
    pub(crate) fn poll_spend(&self, cx: &Context<'_>) -> Poll<()> {
        if self.spend() {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        awaited::note(Awaited::Turn);
        Poll::Pending
    }

    /// Lends a buffer for an owned send.
    pub(crate) fn lend_buffer(&self) -> Buffer {
        let spare = self.spare_buffers.borrow_mut().pop();
        spare.unwrap_or_else(|| Buffer::with_capacity(limits::WRITE_PIECE))
    }

    /// Takes a lent buffer back.
    pub(crate) fn return_buffer(&self, mut buffer: Buffer) {
        let mut spare = self.spare_buffers.borrow_mut();
        if spare.len() < limits::SPARE_BUFFERS_MAX && buffer.capacity() == limits::WRITE_PIECE {
            buffer.clear();
            spare.push(buffer);
        }
    }

    /// Wakes the loop through its descriptor if it is not running: whoever waits on its behalf
    /// has to look again.
    fn tell_host(&self) {
        if !self.running.get() {
            self.shared.wake();
        }
    }
}

/// A loop that its thread's end drops was not closed: who waits for it or its tasks from elsewhere
/// learns it now. What was posted only goes, and the tasks' futures are dropped.
impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.shared.close());
        self.id.close();
        for task in self.tasks.take() {
            self.reporter.guard(|| {
                task.abandon();
            });
            self.reporter.guard(|| drop(task));
        }
    }
}

/// The error of using something of a loop that is gone, or from a thread that is not its.
pub(crate) fn not_here() -> Error {
    Error::new(ErrorKind::LoopClosed)
        .attempting("use something whose loop is closed, or runs on another thread")
}

/// Gives the loop that runs on this thread.
///
/// # Panics
///
/// If none does: the caller's bug.
#[inline]
pub(crate) fn expect_current() -> Rc<Engine> {
    match current() {
        Some(engine) => engine,
        None => none_runs(),
    }
}

#[cold]
fn none_runs() -> ! {
    panic!("{}", not_running())
}

/// Panics as [`expect_current`] does, without giving the loop.
#[inline]
pub(crate) fn assert_running() {
    if !is_any_running() {
        none_runs();
    }
}

/// The error of needing a running loop where there is none.
#[cold]
pub(crate) fn not_running() -> Error {
    Error::new(ErrorKind::InvalidInput).attempting(
        "find the running loop (this must be called from inside polyloop::run, a task or a \
         callback)",
    )
}
