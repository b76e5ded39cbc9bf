use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;

use polyloop_core::{Slab, SlabKey};

use super::awaited::{Awaited, BundleId};
use super::cell::{TaskCell, as_any};
use super::handle::{Outcome, TaskCallbackId};
use super::hook::TaskHook;
use super::listeners::Listener;
use super::spawn::Runnable;
use crate::engine::LoopId;

/// Names a task of one loop: its place in the table, and how many were made before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TaskId {
    key: TaskKey,
    made: u64,
}

impl TaskId {
    pub(crate) fn key(self) -> TaskKey {
        self.key
    }
}

/// A task's place in the table; stale once the task has ended.
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
    fn id(&self) -> TaskId;
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
    tasks: RefCell<Slab<TaskKey, Option<Rc<dyn AnyTask>>>>,
    made: Cell<u64>,
    /// The number that the last task without a name got.
    numbered: Cell<u64>,
    current: Cell<Option<TaskId>>,
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

    /// Adds the task that `make` makes of its id and number. Tasks with names use up no numbers.
    pub(super) fn insert_with<T: 'static>(
        &self,
        is_named: bool,
        make: impl FnOnce(TaskId, u64) -> TaskCell<T>,
    ) -> Rc<TaskCell<T>> {
        let made = self.made.replace(self.made.get() + 1);
        let number = self.numbered.get() + u64::from(!is_named);
        self.numbered.set(number);
        let key = self.tasks.borrow_mut().insert(None);
        let cell = Rc::new(make(TaskId { key, made }, number));
        if let Some(slot) = self.tasks.borrow_mut().get_mut(key) {
            *slot = Some(as_any(&cell));
        }
        cell
    }

    pub(super) fn remove(&self, id: TaskId) {
        let removed = self.tasks.borrow_mut().remove(id.key);
        drop(removed);
    }

    /// Polls a task; it is the current one meanwhile.
    pub(crate) fn poll(&self, runnable: Runnable) {
        let outer = self.current.replace(Some(runnable.metadata().id));
        // A panic in a task is that task's result: none comes out here.
        runnable.run();
        self.current.set(outer);
    }

    /// Names the task that is being polled; none while a callback runs.
    pub(crate) fn current(&self) -> Option<TaskId> {
        self.current.get()
    }

    pub(crate) fn find(&self, id: TaskId) -> Option<Rc<dyn AnyTask>> {
        self.find_key(id.key)
    }

    pub(crate) fn find_key(&self, key: TaskKey) -> Option<Rc<dyn AnyTask>> {
        self.tasks.borrow().get(key)?.clone()
    }

    /// Gives every task that has not ended, in the order in which they were made.
    pub(crate) fn all(&self) -> Vec<Rc<dyn AnyTask>> {
        let mut tasks: Vec<Rc<dyn AnyTask>> =
            self.tasks.borrow().iter().filter_map(|(_, task)| task.clone()).collect();
        tasks.sort_by_key(|task| task.id().made);
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
