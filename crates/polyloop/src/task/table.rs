use std::cell::{Cell, RefCell};
use std::panic::Location;

use super::TaskRef;
use super::awaited;
use super::hook::TaskHook;
use super::record::{AnyTask, TaskRecord};

/// Names a task of one loop; greater than those of the tasks that were made before it. Never used again.
///
/// It has the number of a task that was not given a name above [`NAMED_BITS`]; one that was given a name has the
/// number of the last that was not, and how many with a name came since.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct TaskKey(u64);

/// So many tasks with names in a row use up no number but that of the last without; the next one does. What is left is
/// for as many tasks as take years to make.
const NAMED_BITS: u32 = 12;

/// Before any task. asyncio's main task has number 1; here it has a name, so the first number given is the next.
const BEFORE_ALL: TaskKey = TaskKey(1 << NAMED_BITS);

/// The place of what is not in the table.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Every task of a loop that has not ended, and which of them is being polled.
///
/// Each task in the table knows its place there.
pub(crate) struct TaskTable {
    tasks: RefCell<Vec<TaskRef>>,
    /// Of the task that was made last.
    last: Cell<TaskKey>,
    /// The place of the one that is being polled.
    current: Cell<u32>,
    pub(super) hook: RefCell<Option<TaskHook>>,
}

impl TaskTable {
    pub(crate) fn new() -> TaskTable {
        TaskTable {
            tasks: RefCell::default(),
            last: Cell::new(BEFORE_ALL),
            current: Cell::new(NOWHERE),
            hook: RefCell::default(),
        }
    }

    /// Makes the record of a new task. Tasks with names of their own use up no numbers.
    #[inline]
    pub(super) fn record(
        &self,
        name: Option<String>,
        created_at: &'static Location<'static>,
    ) -> TaskRecord {
        let key = self.last.get().next(name.is_some());
        self.last.set(key);
        TaskRecord::new(key, name, created_at)
    }

    /// Tells whether nobody wants to be shown new tasks.
    #[inline]
    pub(super) fn is_unhooked(&self) -> bool {
        self.hook.borrow().is_none()
    }

    #[inline]
    pub(super) fn insert(&self, task: TaskRef) {
        let mut tasks = self.tasks.borrow_mut();
        let place = u32::try_from(tasks.len()).ok().filter(|place| *place != NOWHERE);
        task.place().set(place.expect("a loop has fewer than 2^32 tasks at once"));
        tasks.push(task);
    }

    /// Takes out a task that has ended and is not the current one; who calls has a reference to it.
    #[inline]
    fn remove(&self, task: &TaskRef) {
        let mut tasks = self.tasks.borrow_mut();
        let place = task.place().get() as usize;
        // A table that was emptied has none of its tasks any more.
        if !tasks.get(place).is_some_and(|other| other.is(task)) {
            return;
        }
        // The caller's reference is not the last, so nothing of the user's is dropped here.
        drop(tasks.swap_remove(place));
        task.place().set(NOWHERE);
        if let Some(moved) = tasks.get(place) {
            moved.place().set(place as u32);
        }
    }

    /// Polls a task of the table, which is the current one meanwhile, and takes it out and names it if it has ended.
    #[inline]
    pub(crate) fn run(&self, task: TaskRef) -> Option<TaskKey> {
        self.current.set(task.place().get());
        // A panic in a task is that task's result: none comes out here.
        let ended = task.run();
        // Places change when a task is taken out, and none is polled any more: who was, before, sets it anew.
        self.current.set(NOWHERE);
        let task = ended?;
        self.remove(&task);
        // Where this is the last reference, what the task gave goes here.
        Some(task.key())
    }

    /// Polls a task inside of whatever runs.
    pub(super) fn run_eagerly(&self, task: &TaskRef) {
        // Who starts it goes on with its own note.
        let (outer, note) = (self.current(), awaited::noted());
        self.run(task.clone());
        awaited::note(note);
        self.current.set(outer.map_or(NOWHERE, |outer| outer.place().get()));
    }

    /// Gives the task that is being polled; none while a callback runs.
    pub(crate) fn current(&self) -> Option<TaskRef> {
        self.tasks.borrow().get(self.current.get() as usize).cloned()
    }

    /// Tells whether a task of this loop is the one that is being polled.
    #[inline]
    pub(crate) fn is_current(&self, task: &TaskRef) -> bool {
        let place = self.current.get();
        place != NOWHERE && place == task.place().get()
    }

    pub(crate) fn find(&self, key: TaskKey) -> Option<TaskRef> {
        self.tasks.borrow().iter().find(|task| task.key() == key).cloned()
    }

    /// Gives every task that has not ended, in the order in which they were made.
    pub(crate) fn all(&self) -> Vec<TaskRef> {
        let mut tasks = self.tasks.borrow().clone();
        tasks.sort_by_key(|task| task.key());
        tasks
    }

    /// Empties the table of a loop that has closed.
    pub(crate) fn take(&self) -> Vec<TaskRef> {
        let tasks = self.all();
        drop(self.tasks.take());
        tasks
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.borrow().is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.borrow().len()
    }

    /// Asks every task to end.
    pub(crate) fn cancel_all(&self, message: &str) {
        for task in self.all() {
            task.cancel(Some(message.to_owned()));
        }
    }
}

impl TaskKey {
    /// Gives the key of the next task, which was given a name or was not.
    #[inline]
    fn next(self, is_named: bool) -> TaskKey {
        let last = if is_named { self.0 } else { self.0 | ((1 << NAMED_BITS) - 1) };
        TaskKey(last.checked_add(1).expect("a loop makes fewer than 2^52 tasks"))
    }

    /// Gives the number of a task that was not given a name.
    pub(super) fn number(self) -> u64 {
        self.0 >> NAMED_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_with_names_use_up_no_numbers() {
        let mut key = BEFORE_ALL.next(true);
        key = key.next(false);
        assert_eq!(key.number(), 2);
        let named = key.next(true).next(true);
        assert!(named > key);
        assert_eq!(named.next(false).number(), 3);
    }

    #[test]
    fn keys_grow_also_over_very_many_tasks_with_names() {
        let mut key = BEFORE_ALL;
        for _ in 0..(3 << NAMED_BITS) {
            let next = key.next(true);
            assert!(next > key);
            key = next;
        }
        assert!(key.next(false) > key);
    }
}
