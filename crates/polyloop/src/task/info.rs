use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::Location;

use super::listeners::Listener;
use super::{AnyTask, Awaited, Outcome, TaskCallbackId, TaskRef, TaskReport, WaitsFor};
use crate::context::copy_context;
use crate::engine::{self, Engine};

/// A view of a task, whatever it gives: to look at it, to cancel it, to wait for its end.
///
/// A clone is the same task. It keeps neither the task running nor the loop open.
#[derive(Clone)]
pub struct TaskInfo {
    task: TaskRef,
}

/// Where a task is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TaskState {
    /// It is being polled now.
    Running,
    /// It is in the ready queue, or was woken by another thread: its turn comes in this iteration or
    /// the next.
    Ready,
    /// It waits for what it awaits ([`TaskInfo::waits_for`]).
    Waiting,
    /// It has ended.
    Ended(Outcome),
}

impl TaskInfo {
    pub(crate) fn new(task: TaskRef) -> TaskInfo {
        TaskInfo { task }
    }

    pub(crate) fn as_any(&self) -> &TaskRef {
        &self.task
    }

    /// Gives the task's name: the one that it was given, or `Task-` and a number.
    pub fn name(&self) -> String {
        self.task.name()
    }

    /// Gives the task another name.
    pub fn set_name(&self, name: impl Into<String>) {
        self.task.set_name(name.into());
    }

    /// Tells where in the program the task was made.
    pub fn created_at(&self) -> &'static Location<'static> {
        self.task.created_at()
    }

    /// Tells where the task is in its life.
    pub fn state(&self) -> TaskState {
        if let Some(outcome) = self.task.outcome() {
            return TaskState::Ended(outcome);
        }
        match engine::find(self.task.home()) {
            Some(engine) if engine.tasks.is_current(&self.task) => TaskState::Running,
            Some(engine) if engine.is_ready(&self.task) => TaskState::Ready,
            _ => TaskState::Waiting,
        }
    }

    /// Tells what the task waits for; nothing unless it waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use polyloop::{WaitsFor, create_task, yield_now};
    ///
    /// polyloop::run(async {
    ///     let inner = create_task(std::future::pending::<()>());
    ///     let awaited = inner.info();
    ///     let outer = create_task(async { inner.await });
    ///     yield_now().await;
    ///     assert_eq!(outer.info().waits_for(), Some(WaitsFor::Task(awaited)));
    /// })?;
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    pub fn waits_for(&self) -> Option<WaitsFor> {
        if self.state() != TaskState::Waiting {
            return None;
        }
        let tasks = || match engine::find(self.task.home()) {
            Some(engine) => all(&engine),
            None => Vec::new(),
        };
        Some(match self.task.awaited() {
            Awaited::Task(home, key) => engine::find(home)
                .and_then(|engine| engine.tasks.find(key))
                .map_or(WaitsFor::OtherLoop, |task| WaitsFor::Task(TaskInfo::new(task))),
            Awaited::Bundle(bundle) => {
                let is_in = |task: &TaskInfo| task.task.bundles().contains(&bundle);
                WaitsFor::Tasks(tasks().into_iter().filter(is_in).collect())
            }
            awaited => WaitsFor::no_task(awaited),
        })
    }

    /// Tells whether the task has ended.
    pub fn done(&self) -> bool {
        self.task.outcome().is_some()
    }

    /// Asks the task to end, and tells whether it still could; see
    /// [`Task::cancel`](crate::Task::cancel).
    pub fn cancel(&self) -> bool {
        self.task.cancel(None)
    }

    /// Asks the task to end, with a message.
    pub fn cancel_with(&self, message: impl Into<String>) -> bool {
        self.task.cancel(Some(message.into()))
    }

    /// Has a function called when the task has ended; see
    /// [`Task::add_done_callback`](crate::Task::add_done_callback).
    pub fn add_done_callback(
        &self,
        callback: impl FnOnce(&TaskReport) + 'static,
    ) -> TaskCallbackId {
        let mut context = copy_context();
        self.task.listen(Listener::Told(Box::new(move |report| context.run(|| callback(report)))))
    }

    /// Takes a done callback back, and tells whether it was still to be called.
    pub fn remove_done_callback(&self, id: TaskCallbackId) -> bool {
        self.task.unlisten(id)
    }
}

/// Two views are equal if they are views of the same task.
impl PartialEq for TaskInfo {
    fn eq(&self, other: &TaskInfo) -> bool {
        self.task.is(&other.task)
    }
}

impl Eq for TaskInfo {}

impl Hash for TaskInfo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.task.home().hash(state);
        self.task.key().hash(state);
    }
}

impl fmt::Debug for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, state, place) = (self.name(), self.state(), self.created_at());
        write!(f, "TaskInfo({name:?}, {state:?}, created at {place})")
    }
}

/// Gives the task that a loop polls now.
pub(crate) fn current(engine: &Engine) -> Option<TaskInfo> {
    engine.tasks.current().map(TaskInfo::new)
}

/// Gives every task of a loop that has not ended, in the order in which they were made.
pub(crate) fn all(engine: &Engine) -> Vec<TaskInfo> {
    engine.tasks.all().into_iter().map(TaskInfo::new).collect()
}
