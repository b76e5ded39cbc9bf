use std::cell::{Cell, RefCell};
use std::rc::Rc;

use polyloop_core::{Slab, SlabKey};

use super::cell::{TaskCell, as_any};

/// Names a task of one loop: its place in the table, and the number that its name shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TaskId {
    key: TaskKey,
    number: u64,
}

impl TaskId {
    pub(super) fn number(self) -> u64 {
        self.number
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct TaskKey {
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
    fn name(&self) -> String;
    fn cancel(&self, message: Option<String>) -> bool;
}

/// Every task of a loop that has not ended.
pub(crate) struct TaskTable {
    tasks: RefCell<Slab<TaskKey, Option<Rc<dyn AnyTask>>>>,
    /// The number that the last task without a name got.
    numbered: Cell<u64>,
}

impl TaskTable {
    pub(crate) fn new() -> TaskTable {
        TaskTable { tasks: RefCell::new(Slab::new()), numbered: Cell::new(MAIN_NUMBER) }
    }

    /// Adds the task that `make` makes of its id. Tasks with names use up no numbers.
    pub(super) fn insert_with<T: 'static>(
        &self,
        is_named: bool,
        make: impl FnOnce(TaskId) -> TaskCell<T>,
    ) -> Rc<TaskCell<T>> {
        let key = self.tasks.borrow_mut().insert(None);
        let number = self.numbered.get() + u64::from(!is_named);
        self.numbered.set(number);
        let cell = Rc::new(make(TaskId { key, number }));
        if let Some(slot) = self.tasks.borrow_mut().get_mut(key) {
            *slot = Some(as_any(&cell));
        }
        cell
    }

    pub(super) fn remove(&self, id: TaskId) {
        let removed = self.tasks.borrow_mut().remove(id.key);
        drop(removed);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.borrow().is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.borrow().len()
    }

    /// Asks every task to end.
    pub(crate) fn cancel_all(&self, message: &str) {
        let tasks: Vec<Rc<dyn AnyTask>> =
            self.tasks.borrow().iter().filter_map(|(_, task)| task.clone()).collect();
        for task in tasks {
            task.cancel(Some(message.to_owned()));
        }
    }
}
