use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::cell::TaskCell;
use super::{AnyTask, TaskError};
use crate::context::{Context as Values, copy_context};

/// A task: await it for its result, cancel it, or let it run.
///
/// Awaiting gives `Ok` with what the future gave, or a [`TaskError`] if it was cancelled or
/// panicked. Dropping the handle lets the task run on; a panic that nobody then asks for goes
/// to the loop's exception handler.
///
/// # Cancel safety
///
/// Awaiting a task by reference is cancel-safe: the task goes on, and can be awaited again.
pub struct Task<T> {
    cell: Rc<TaskCell<T>>,
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Its future gave a value.
    Finished,
    /// It was cancelled.
    Cancelled,
    /// Its future panicked.
    Panicked,
}

/// What a done callback is told.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct TaskReport {
    /// The task's name.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// Names a done callback of one task, to remove it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TaskCallbackId(pub(super) u64);

impl<T> Task<T> {
    pub(super) fn new(cell: Rc<TaskCell<T>>) -> Task<T> {
        Task { cell }
    }

    /// Asks the task to end, and tells whether it still could.
    ///
    /// In its place in the ready queue its future is dropped and the task is cancelled; what it
    /// awaited is cancelled with it. A task that has ended stays as it ended.
    pub fn cancel(&self) -> bool {
        self.cell.cancel(None)
    }

    /// Asks the task to end, with a message that [`TaskError::message`] gives.
    pub fn cancel_with(&self, message: impl Into<String>) -> bool {
        self.cell.cancel(Some(message.into()))
    }

    /// Tells whether the task has ended.
    pub fn done(&self) -> bool {
        self.cell.outcome().is_some()
    }

    /// Tells whether the task has ended by being cancelled.
    pub fn cancelled(&self) -> bool {
        self.cell.outcome() == Some(Outcome::Cancelled)
    }

    /// Has a function called, in the caller's context, when the task has ended: in the iteration after that, or, if it has
    /// ended already, in the next.
    pub fn add_done_callback(
        &self,
        callback: impl FnOnce(&TaskReport) + 'static,
    ) -> TaskCallbackId {
        let mut context = copy_context();
        self.cell.add_callback(Box::new(move |report| context.run(|| callback(report))))
    }

    /// Takes a done callback back, and tells whether it was still to be called.
    pub fn remove_done_callback(&self, id: TaskCallbackId) -> bool {
        self.cell.remove_callback(id)
    }

    /// Gives the task's name: the one that it was given, or `Task-` and a number.
    pub fn name(&self) -> String {
        self.cell.name()
    }

    /// Gives the task another name.
    pub fn set_name(&self, name: impl Into<String>) {
        self.cell.set_name(name.into());
    }

    /// Gives the context in which the task runs, as it was when it last ran; from inside the task
    /// use [`copy_context`].
    pub fn context(&self) -> Values {
        self.cell.context()
    }

    /// Tells where in the program the task was made.
    pub fn created_at(&self) -> &'static Location<'static> {
        self.cell.created_at()
    }

    /// Gives the task another context, before it is first polled.
    pub(crate) fn set_context(&self, context: Values) {
        self.cell.set_context(context);
    }

    /// Takes the result of a task that has ended.
    pub(crate) fn take_result(&self) -> Result<T, TaskError> {
        self.cell.take_result()
    }

    /// Lets the task run on its own, as dropping the handle does.
    pub fn detach(self) {}
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.cell.poll_join(cx)
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task({:?}, {:?})", self.name(), self.cell.outcome())
    }
}
