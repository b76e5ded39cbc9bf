//! What is ready, in its order: tasks in a queue that takes no memory but theirs, and the rest beside it.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::task::Waker;

use polyloop_core::ReadyQueue;

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
    Wake(Waker),
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
    WOKEN.with(|woken| woken.push(task));
    Ok(())
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
            other => {
                let tasks_before = self.taken.get() + self.tasks() as u64;
                self.others.borrow_mut().push((tasks_before, other));
            }
        }
    }

    /// Begins a round of exactly what is in the queue now, and tells how much that is.
    #[inline]
    pub(super) fn begin_round(&self) -> usize {
        self.settle();
        self.round.append(&self.waiting);
        let mut others = self.others.borrow_mut();
        if others.is_empty() {
            return self.round.len();
        }
        let count = others.begin_round();
        self.next_other.set(others.peek_in_round().map_or(NO_OTHER, |(place, _)| *place));
        self.round.len() + count
    }

    /// Takes the next of the round; nothing at its end.
    #[inline]
    pub(super) fn pop_in_round(&self) -> Option<Ready> {
        if self.taken.get() == self.next_other.get() {
            return self.pop_other();
        }
        let task = self.round.pop()?;
        self.taken.set(self.taken.get() + 1);
        Some(Ready::Task(task))
    }

    fn pop_other(&self) -> Option<Ready> {
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
        self.tasks() == 0 && self.others.borrow().is_empty()
    }

    fn tasks(&self) -> usize {
        let woken = if self.home.is_running() { WOKEN.with(|woken| woken.len()) } else { 0 };
        self.round.len() + self.waiting.len() + woken
    }
}
