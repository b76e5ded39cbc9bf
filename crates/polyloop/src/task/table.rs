use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;

use polyloop_core::{Slab, SlabKey};

use super::awaited::{Awaited, BundleId};
use super::cell::{TaskCell, as_any};
use super::handle::{Outcome, TaskCallbackId};
use super::hook::TaskHook;
use super::listeners::Listener;
use super::name::TaskName;
use super::spawn::Runnable;
use crate::engine::LoopId;

/// Names a task of one loop by its place in the table; stale once the task has ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TaskKey {
    index: u32,
    generation: u32,
}

impl SlabKey for TaskKey {
    fn from_parts(index: u32, generation: u32) -> Self {
        TaskKey { index, generation }
    }

    fn index(self) -> u32 {
        self.index
    }

    fn generation(self) -> u32 {
        self.generation
    }
}

/// The number of asyncio's main task; here it has a name, so the first number given is the next.
const MAIN_NUMBER: u64 = 1;

/// A task, whatever it gives.
pub(crate) trait AnyTask {
    fn home(&self) -> LoopId;
    fn key(&self) -> TaskKey;

    /// Tells how many tasks of its loop were made before it.
    fn made(&self) -> u64;

    fn name(&self) -> String;

    /// Adds the name to a text, for who must not allocate.
    fn write_name(&self, into: &mut String);

    fn set_name(&self, name: String);
    fn created_at(&self) -> &'static Location<'static>;
    fn outcome(&self) -> Option<Outcome>;
    fn cancel(&self, message: Option<String>) -> bool;

    /// Has something told when the task has ended, an iteration later; it may have ended already.
    fn listen(&self, listener: Listener) -> TaskCallbackId;

    /// Tells what the task said that it waits for, when it was last polled.
    fn awaited(&self) -> Awaited;

    /// Gives the bundles in which somebody awaits the task.
    fn bundles(&self) -> Vec<BundleId>;

    /// Takes back what was to be told, and tells whether it still was.
    fn unlisten(&self, id: TaskCallbackId) -> bool;
}

/// Every task of a loop that has not ended, and which of them is being polled.
pub(crate) struct TaskTable {
    tasks: RefCell<Slab<TaskKey, Rc<dyn AnyTask>>>,
    made: Cell<u64>,
    /// The number that the last task without a name got.
    numbered: Cell<u64>,
    current: Cell<Option<TaskKey>>,
    pub(super) hook: RefCell<Option<TaskHook>>,
}

impl TaskTable {
    pub(crate) fn new() -> TaskTable {
        TaskTable {
            tasks: RefCell::new(Slab::new()),
            made: Cell::new(0),
            numbered: Cell::new(MAIN_NUMBER),
            current: Cell::default(),
            hook: RefCell::default(),
        }
    }

    /// Adds the task that `make`, which calls nobody, makes of its key, its place among all that were made, and its
    /// name. Tasks with names of their own use up no numbers.
    pub(super) fn insert_with<T: 'static>(
        &self,
        name: Option<String>,
        make: impl FnOnce(TaskKey, u64, TaskName) -> TaskCell<T>,
    ) -> Rc<TaskCell<T>> {
        let made = self.made.replace(self.made.get() + 1);
        let name = match name {
            Some(name) => TaskName::Given(name.into_boxed_str()),
            None => {
                let number = self.numbered.get() + 1;
                self.numbered.set(number);
                TaskName::Numbered(number)
            }
        };
        let mut tasks = self.tasks.borrow_mut();
        let cell = Rc::new(make(tasks.next_key(), made, name));
        tasks.insert(as_any(&cell));
        cell
    }

    pub(super) fn remove(&self, key: TaskKey) {
        let removed = self.tasks.borrow_mut().remove(key);
        drop(removed);
    }

    /// Polls a task inside of whatever runs; it is the current one meanwhile.
    pub(super) fn poll_eagerly(&self, runnable: Runnable) {
        let outer = self.current.replace(Some(runnable.metadata().key));
        // A panic in a task is that task's result: none comes out here.
        runnable.run();
        self.current.set(outer);
    }

    /// Says which task is about to be polled, or that something else runs.
    pub(crate) fn set_current(&self, key: Option<TaskKey>) {
        self.current.set(key);
    }

    /// Names the task that is being polled; none while a callback runs.
    pub(crate) fn current(&self) -> Option<TaskKey> {
        self.current.get()
    }

    pub(crate) fn find(&self, key: TaskKey) -> Option<Rc<dyn AnyTask>> {
        self.tasks.borrow().get(key).cloned()
    }

    /// Gives every task that has not ended, in the order in which they were made.
    pub(crate) fn all(&self) -> Vec<Rc<dyn AnyTask>> {
        let mut tasks: Vec<Rc<dyn AnyTask>> =
            self.tasks.borrow().iter().map(|(_, task)| task.clone()).collect();
        tasks.sort_by_key(|task| task.made());
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
