use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::info::TaskInfo;
use super::listeners::Listener;
use super::{AnyTask, Awaited, TaskCell, TaskError, TaskOnlooker, awaited, record};
use crate::context::{Context as Values, copy_context};
use crate::engine;

/// A task: await it for its result, cancel it, or let it run.
///
/// Awaiting gives `Ok` with what the future gave, or a [`TaskError`] if it was cancelled or
/// panicked. Dropping the handle lets the task run on; a panic that nobody then asks for goes
/// to the loop's exception handler. An `Err` that the future gave is a value like any other: who
/// drops the handle says that it does not matter. A [`TaskGroup`](crate::TaskGroup) tells of every one.
///
/// # Cancel safety
///
/// Awaiting a task by reference is cancel-safe: the task goes on, and can be awaited again.
///
/// # Panics
///
/// Awaiting a task from inside itself is a bug, and panics: it would never end. Awaiting it again
/// after its result was taken panics too.
pub struct Task<T> {
    cell: TaskCell<T>,
}

/// How a task ended; there is no fourth way.
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
    pub(super) fn new(cell: TaskCell<T>) -> Task<T> {
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
        self.cell.listen(Listener::Told(Box::new(move |report| context.run(|| callback(report)))))
    }

    /// Takes a done callback back, and tells whether it was still to be called.
    pub fn remove_done_callback(&self, id: TaskCallbackId) -> bool {
        self.cell.unlisten(id)
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

    /// Looks at the result without taking it; nothing while the task runs, and once it was taken.
    ///
    /// A panic that was looked at does not go to the exception handler.
    ///
    /// # Examples
    ///
    /// ```
    /// polyloop::run(async {
    ///     let task = polyloop::create_task(async { 6 * 7 });
    ///     assert!(task.try_result().is_none());
    ///     polyloop::yield_now().await;
    ///     assert!(matches!(*task.try_result().unwrap(), Ok(42)));
    ///     assert_eq!(task.await.unwrap(), 42);
    /// })?;
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    pub fn try_result(&self) -> Option<&Result<T, TaskError>> {
        let result = self.cell.output()?;
        self.cell.set_asked();
        Some(result)
    }

    /// Takes the result of a task that has ended, or gives the handle back.
    ///
    /// # Errors
    ///
    /// The handle, of a task that has not ended. Inside, why the task gave no value.
    ///
    /// # Panics
    ///
    /// If the result was taken before, by awaiting the task by reference.
    pub fn into_result(mut self) -> Result<Result<T, TaskError>, Task<T>> {
        if self.done() { Ok(self.take_result()) } else { Err(self) }
    }

    /// Gives the task another context, before it is first polled.
    pub(crate) fn set_context(&self, context: Values) {
        record::set_context(&self.cell, context);
    }

    /// Takes the result of a task that has ended.
    pub(crate) fn take_result(&mut self) -> Result<T, TaskError> {
        self.cell.take().expect("a result is taken once, after the task has ended")
    }

    pub(crate) fn cell(&self) -> &TaskCell<T> {
        &self.cell
    }

    /// Gives a reference that can look at the result.
    pub(crate) fn onlooker(&self) -> TaskOnlooker<T> {
        self.cell.onlooker()
    }

    /// Lets the task run on its own, as dropping the handle does.
    pub fn detach(self) {}
}

impl<T> Task<T> {
    fn poll_unended(&self, cx: &Context<'_>) -> Poll<Result<T, TaskError>> {
        assert!(!self.done(), "a task was awaited again after its result was taken");
        let home = self.cell.home();
        // Only what runs can await itself, and the loop that runs is there.
        if self.cell.is_running() || !home.is_running() {
            self.check_unended()?;
        }
        self.cell.set_joiner(cx.waker());
        awaited::note(Awaited::Task(home, self.cell.key()));
        Poll::Pending
    }

    /// Gives why the task will never end, where its loop is closed.
    ///
    /// # Panics
    ///
    /// If it is the task that is being polled.
    #[cold]
    fn check_unended(&self) -> Result<(), TaskError> {
        let home = self.cell.home();
        let is_own = match engine::running(home) {
            Some(engine) => engine.tasks.is_current(&self.cell),
            // Who awaits it may also run on another loop of this thread, or on none.
            None if engine::find(home).is_some() => false,
            None => {
                let message = Some("the loop is closed".to_owned());
                return Err(TaskError::cancelled(message));
            }
        };
        assert!(!is_own, "a task awaited itself, which would never end");
        Ok(())
    }
}

impl<T: 'static> Task<T> {
    /// Gives a view of the task that does not know what it gives.
    pub fn info(&self) -> TaskInfo {
        TaskInfo::new((*self.cell).clone())
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.cell.take() {
            Some(result) => Poll::Ready(result),
            None => self.poll_unended(cx),
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task({:?}, {:?})", self.name(), self.cell.outcome())
    }
}
