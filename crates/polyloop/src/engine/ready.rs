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
/// The tasks are in `WOKEN` while the loop is the one that runs, else in `waiting`; the first `round` of them are what is
/// left of the round. What is no task is in `others`, each with its place: how many tasks come before it, of all that have
/// ever been queued. `end` is how many will have been taken when the round is over; `pause` is how many tasks of the
/// round are left when the next of `others` comes, zero if none does.
pub(super) struct ReadyItems {
    home: LoopId,
    waiting: TaskQueue,
    round: Cell<usize>,
    end: Cell<u64>,
    others: RefCell<ReadyQueue<(u64, Ready)>>,
    pause: Cell<usize>,
    /// Some of `others` are left of the round.
    has_others_in_round: Cell<bool>,
    /// Some of `others` wait for the next round.
    has_others: Cell<bool>,
}

/// The room for what is no task that a loop begins with: the first done callback of a program, which may be
/// long after its beginning, allocates nothing.
const OTHERS: usize = 16;

thread_local! {
    /// The tasks that are ready of the loop that runs now: empty while none does.
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
            waiting: TaskQueue::new(),
            round: Cell::new(0),
            end: Cell::new(0),
            others: RefCell::new(ReadyQueue::with_capacity(OTHERS)),
            pause: Cell::new(0),
            has_others_in_round: Cell::new(false),
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
        let tasks_before = self.taken() + self.tasks() as u64;
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
        let tasks = self.tasks();
        self.end.set(self.taken() + tasks as u64);
        self.round.set(tasks);
        let has_others = self.has_others.get() || self.has_others_in_round.get();
        tasks + if has_others { self.begin_round_of_others() } else { 0 }
    }

    fn begin_round_of_others(&self) -> usize {
        let mut others = self.others.borrow_mut();
        let count = others.begin_round();
        self.has_others.set(false);
        self.find_next_other(&others);
        count
    }

    fn find_next_other(&self, others: &ReadyQueue<(u64, Ready)>) {
        let next = others.peek_in_round();
        self.has_others_in_round.set(next.is_some());
        self.pause.set(next.map_or(0, |(place, _)| (self.end.get() - place) as usize));
    }

    /// Tells how many tasks have ever been taken.
    fn taken(&self) -> u64 {
        self.end.get() - self.round.get() as u64
    }

    /// Begins a round of the tasks that were woken in the one that has ended, while the loop runs, and tells how many these
    /// are. Nothing else may wait.
    #[inline]
    pub(super) fn begin_round_of_woken(&self) -> usize {
        debug_assert!(self.round.get() == 0 && !self.has_others_in_round.get());
        debug_assert!(self.home.is_running() && !self.has_others.get());
        let tasks = WOKEN.with(|woken| woken.len());
        self.end.set(self.end.get() + tasks as u64);
        self.round.set(tasks);
        tasks
    }

    /// Takes the next of the round if it is a task, while the loop runs.
    #[inline]
    pub(super) fn pop_task_in_round(&self) -> Option<TaskRef> {
        debug_assert!(self.home.is_running(), "the tasks are where those of a loop that runs are");
        WOKEN.with(|woken| self.pop_in_round_of(woken))
    }

    #[inline]
    fn pop_in_round_of(&self, tasks: &TaskQueue) -> Option<TaskRef> {
        let left = self.round.get();
        if left == self.pause.get() {
            return None;
        }
        let task = tasks.pop()?;
        self.round.set(left - 1);
        Some(task)
    }

    /// Tells whether the next of the round is there, and no task.
    #[inline]
    pub(super) fn is_other_next(&self) -> bool {
        self.has_others_in_round.get() && self.round.get() == self.pause.get()
    }

    /// Takes the next of the round if it is no task.
    pub(super) fn pop_other_in_round(&self) -> Option<Ready> {
        if !self.is_other_next() {
            return None;
        }
        let mut others = self.others.borrow_mut();
        let (_, other) = others.pop_in_round()?;
        self.find_next_other(&others);
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
        let task = self.with_tasks(|tasks| self.pop_in_round_of(tasks));
        task.map(Ready::Task).or_else(|| self.pop_other_in_round())
    }

    /// Keeps the tasks for when the loop runs again: now another will, or none.
    pub(super) fn settle(&self) {
        if self.home.is_running() {
            WOKEN.with(|woken| self.waiting.append(woken));
        }
    }

    /// Puts the tasks where those of the loop that runs are, which it does from now on, or again.
    pub(super) fn resume(&self) {
        debug_assert!(self.home.is_running(), "the loop runs");
        WOKEN.with(|woken| woken.append(&self.waiting));
    }

    /// Calls a function with the tasks that are ready.
    #[inline]
    fn with_tasks<R>(&self, call: impl FnOnce(&TaskQueue) -> R) -> R {
        if self.home.is_running() { WOKEN.with(|woken| call(woken)) } else { call(&self.waiting) }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks() + self.others.borrow().len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.with_tasks(|tasks| tasks.is_empty())
            && !self.has_others.get()
            && !self.has_others_in_round.get()
    }

    /// Counts the tasks that are ready.
    #[inline]
    fn tasks(&self) -> usize {
        self.with_tasks(|tasks| tasks.len())
    }
}
