//! What is ready, in its order: tasks in a queue that takes no memory but theirs, and the rest beside it.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::rc::Rc;

use polyloop_core::ReadyQueue;

use super::sleeper::Sleeper;
use super::{LoopId, WaitId};
use crate::callback::Callback;
use crate::task::{TaskQueue, TaskRef};

/// What runs in an iteration.
pub(crate) enum Ready {
    Task(TaskRef),
    Callback(Rc<dyn Callback>),
    /// The handler of an op that completed.
    Completed(WaitId),
    /// A task that a timer wakes: as in asyncio it is due in this iteration and runs in the next.
    Wake(Sleeper),
}

/// What is ready on one loop, first in, first out, run in rounds: what is added during a round waits for the next.
///
/// `round` are the tasks of the round that are left. Those that wait for the next are in `waiting`, and behind them,
/// while the loop runs, in `WOKEN`. What is no task is in `others`, each with how many tasks come before it, of all
/// that have ever been queued. `taken` is how many tasks were taken; `next_other` is the place of the next of `others` in the
/// round, or `NO_OTHER`.
pub(super) struct ReadyItems {
    home: LoopId,
    round: TaskQueue,
    waiting: TaskQueue,
    taken: Cell<u64>,
    others: RefCell<ReadyQueue<(u64, Ready)>>,
    next_other: Cell<u64>,
    /// Some of `others` wait for the next round.
    has_others: Cell<bool>,
}

const NO_OTHER: u64 = u64::MAX;

/// The room for what is no task that a loop begins with: the first done callback of a program, which may be
/// long after its beginning, allocates nothing.
const OTHERS: usize = 16;

thread_local! {
    /// The tasks that were woken while the loop runs that runs now: empty while none does.
    ///
    /// What is woken goes here by the loop's name alone, without looking for the loop. It has no destructor, so
    /// finding it takes no look at whether the thread ends.
    static WOKEN: ManuallyDrop<TaskQueue> = const { ManuallyDrop::new(TaskQueue::new()) };
}

/// Queues a task if its loop is the one that runs on this thread, or gives it back.
#[inline]
pub(super) fn push_running(task: TaskRef) -> Result<(), TaskRef> {
    if !task.home().is_running() {
        return Err(task);
    }
    // Nothing is left to drop if there were no queue, which there is: that makes what follows small.
    let task = ManuallyDrop::new(task);
    WOKEN.with(|woken| push(woken, ManuallyDrop::into_inner(task)));
    Ok(())
}

/// A call of its own, so that finding the queue is small enough to be compiled into the place where it is done.
#[inline(never)]
fn push(queue: &TaskQueue, task: TaskRef) {
    queue.push(task);
}

impl ReadyItems {
    pub(super) fn new(home: LoopId) -> ReadyItems {
        ReadyItems {
            home,
            round: TaskQueue::new(),
            waiting: TaskQueue::new(),
            taken: Cell::new(0),
            others: RefCell::new(ReadyQueue::with_capacity(OTHERS)),
            next_other: Cell::new(NO_OTHER),
            has_others: Cell::new(false),
        }
    }

    /// Adds something for the next round.
    pub(super) fn push(&self, ready: Ready) {
        match ready {
            Ready::Task(task) => {
                if let Err(task) = push_running(task) {
                    self.waiting.push(task);
                }
            }
            other => self.push_others(std::iter::once(other)),
        }
    }

    /// Adds what is no task for the next round.
    #[inline]
    pub(super) fn push_others(&self, others: impl Iterator<Item = Ready>) {
        let tasks_before = self.taken.get() + self.tasks() as u64;
        let mut queue = self.others.borrow_mut();
        for other in others {
            debug_assert!(!matches!(other, Ready::Task(_)), "a task has its own queue");
            queue.push((tasks_before, other));
            self.has_others.set(true);
        }
    }

    /// Begins a round of exactly what is in the queue now, and tells how much that is.
    #[inline]
    pub(super) fn begin_round(&self) -> usize {
        self.round.append(&self.waiting);
        if self.home.is_running() {
            WOKEN.with(|woken| self.round.append(woken));
        }
        let others = if self.has_others.get() { self.begin_round_of_others() } else { 0 };
        self.round.len() + others
    }

    fn begin_round_of_others(&self) -> usize {
        let mut others = self.others.borrow_mut();
        let count = others.begin_round();
        self.has_others.set(false);
        self.next_other.set(others.peek_in_round().map_or(NO_OTHER, |(place, _)| *place));
        count
    }

    /// Begins a round of the tasks that were woken in the one that has ended, while the loop runs, and tells how many these
    /// are. Nothing else may wait.
    #[inline]
    pub(super) fn begin_round_of_woken(&self) -> usize {
        debug_assert!(self.round.is_empty() && self.waiting.is_empty() && !self.has_others.get());
        WOKEN.with(|woken| self.round.append(woken));
        self.round.len()
    }

    /// Takes the next of the round if it is a task.
    #[inline]
    pub(super) fn pop_task_in_round(&self) -> Option<TaskRef> {
        if self.is_other_next() {
            return None;
        }
        let task = self.round.pop()?;
        self.taken.set(self.taken.get() + 1);
        Some(task)
    }

    /// Tells whether the next of the round is there, and no task.
    #[inline]
    pub(super) fn is_other_next(&self) -> bool {
        self.taken.get() == self.next_other.get()
    }

    /// Takes the next of the round if it is no task.
    pub(super) fn pop_other_in_round(&self) -> Option<Ready> {
        if !self.is_other_next() {
            return None;
        }
        let mut others = self.others.borrow_mut();
        let (_, other) = others.pop_in_round()?;
        self.next_other.set(others.peek_in_round().map_or(NO_OTHER, |(place, _)| *place));
        Some(other)
    }

    /// Takes the next, whatever the round.
    pub(super) fn pop(&self) -> Option<Ready> {
        self.pop_in_round().or_else(|| {
            self.begin_round();
            self.pop_in_round()
        })
    }

    fn pop_in_round(&self) -> Option<Ready> {
        self.pop_task_in_round().map(Ready::Task).or_else(|| self.pop_other_in_round())
    }

    /// Keeps what was woken while the loop ran, for when another runs, or none.
    pub(super) fn settle(&self) {
        if self.home.is_running() {
            WOKEN.with(|woken| self.waiting.append(woken));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks() + self.others.borrow().len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.round.is_empty()
            && self.waiting.is_empty()
            && !(self.home.is_running() && WOKEN.with(|woken| !woken.is_empty()))
            && !self.has_others.get()
            && self.next_other.get() == NO_OTHER
    }

    /// Counts the tasks that are ready.
    #[inline]
    fn tasks(&self) -> usize {
        let woken = if self.home.is_running() { WOKEN.with(|woken| woken.len()) } else { 0 };
        self.round.len() + self.waiting.len() + woken
    }
}
