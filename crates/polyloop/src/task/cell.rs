use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::handle::{Outcome, TaskCallbackId, TaskReport};
use super::{AnyTask, TaskError, TaskId};
use crate::context::{Context as Values, copy_context, swap_context};
use crate::engine::{self, LoopId, Ready};
use crate::exception::{ExceptionContext, Reporter};

/// What a task and its handle share.
///
/// `waker` is there exactly until the task has ended; `outcome` and (until somebody takes it)
/// `result` exactly from then on; `callbacks` is empty from then on.
pub(crate) struct TaskCell<T> {
    home: LoopId,
    id: TaskId,
    created_at: &'static Location<'static>,
    name: RefCell<Option<String>>,
    context: RefCell<Values>,
    waker: RefCell<Option<Waker>>,
    cancel: RefCell<Option<Option<String>>>,
    outcome: Cell<Option<Outcome>>,
    result: RefCell<Option<Result<T, TaskError>>>,
    joiner: RefCell<Option<Waker>>,
    callbacks: RefCell<Vec<(TaskCallbackId, DoneCallback)>>,
    next_callback: Cell<u64>,
}

pub(super) type DoneCallback = Box<dyn FnOnce(&TaskReport)>;

impl<T> TaskCell<T> {
    pub(super) fn new(
        home: LoopId,
        id: TaskId,
        name: Option<String>,
        created_at: &'static Location<'static>,
    ) -> TaskCell<T> {
        TaskCell {
            home,
            id,
            created_at,
            name: RefCell::new(name),
            context: RefCell::new(copy_context()),
            waker: RefCell::default(),
            cancel: RefCell::default(),
            outcome: Cell::default(),
            result: RefCell::new(None),
            joiner: RefCell::default(),
            callbacks: RefCell::default(),
            next_callback: Cell::new(0),
        }
    }

    pub(super) fn set_waker(&self, waker: Waker) {
        self.waker.replace(Some(waker));
    }

    pub(super) fn set_name(&self, name: String) {
        self.name.replace(Some(name));
    }

    /// Copies the context in which the task runs, as it was when it last ran.
    pub(super) fn context(&self) -> Values {
        self.context.borrow().clone()
    }

    /// Enters the task's context, for one poll.
    pub(super) fn enter_context(&self) -> InContext<'_, T> {
        InContext { cell: self, outer: swap_context(self.context()) }
    }

    pub(super) fn set_context(&self, context: Values) {
        let old = self.context.replace(context);
        drop(old);
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.outcome.get()
    }

    pub(super) fn take_cancel(&self) -> Option<Option<String>> {
        self.cancel.borrow_mut().take()
    }

    /// Ends the task: keeps the result, wakes who awaits it, and has the callbacks run in the
    /// next iteration.
    pub(super) fn finish(&self, result: Result<T, TaskError>) {
        let outcome = match &result {
            Ok(_) => Outcome::Finished,
            Err(error) if error.is_cancelled() => Outcome::Cancelled,
            Err(_) => Outcome::Panicked,
        };
        self.outcome.set(Some(outcome));
        self.result.replace(Some(result));
        drop(self.waker.take());
        let engine = engine::find(self.home);
        if let Some(engine) = &engine {
            engine.tasks.remove(self.id);
        }
        let joiner = self.joiner.take();
        let callbacks = self.callbacks.take();
        if let Some(joiner) = joiner {
            joiner.wake();
        }
        let Some(engine) = engine else { return };
        for (_, callback) in callbacks {
            let report = self.report(outcome);
            engine.push_ready(Ready::Callback(crate::callback::once(move || callback(&report))));
        }
    }

    pub(super) fn poll_join(&self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        if let Some(result) = self.result.take() {
            return Poll::Ready(result);
        }
        assert!(
            self.outcome.get().is_none(),
            "a task was awaited again after its result was taken"
        );
        if engine::find(self.home).is_none() {
            return Poll::Ready(Err(TaskError::cancelled(Some("the loop is closed".to_owned()))));
        }
        let old = self.joiner.replace(Some(cx.waker().clone()));
        drop(old);
        Poll::Pending
    }

    pub(super) fn take_result(&self) -> Result<T, TaskError> {
        self.result.take().expect("a result is taken once, after the task has ended")
    }

    pub(super) fn add_callback(&self, callback: DoneCallback) -> TaskCallbackId {
        let id = TaskCallbackId(self.next_callback.get());
        self.next_callback.set(id.0 + 1);
        match self.outcome.get() {
            None => self.callbacks.borrow_mut().push((id, callback)),
            Some(outcome) => {
                if let Some(engine) = engine::find(self.home) {
                    let report = self.report(outcome);
                    let call = crate::callback::once(move || callback(&report));
                    engine.push_ready(Ready::Callback(call));
                }
            }
        }
        id
    }

    pub(super) fn remove_callback(&self, id: TaskCallbackId) -> bool {
        let mut callbacks = self.callbacks.borrow_mut();
        let position = callbacks.iter().position(|(other, _)| *other == id);
        let removed = position.map(|position| callbacks.remove(position));
        drop(callbacks);
        removed.is_some()
    }

    fn report(&self, outcome: Outcome) -> TaskReport {
        TaskReport { name: self.name(), outcome }
    }
}

impl<T> AnyTask for TaskCell<T> {
    fn id(&self) -> TaskId {
        self.id
    }

    fn created_at(&self) -> &'static Location<'static> {
        self.created_at
    }

    fn name(&self) -> String {
        let name = self.name.borrow().clone();
        name.unwrap_or_else(|| format!("Task-{}", self.id.number()))
    }

    /// Notes the request; the task sees it when its turn in the ready queue comes.
    fn cancel(&self, message: Option<String>) -> bool {
        if self.outcome.get().is_some() {
            return false;
        }
        self.cancel.replace(Some(message));
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

/// A task's context is the current one until this is dropped; what was set stays the task's.
pub(super) struct InContext<'a, T> {
    cell: &'a TaskCell<T>,
    outer: Values,
}

impl<T> Drop for InContext<'_, T> {
    fn drop(&mut self) {
        self.cell.set_context(swap_context(std::mem::take(&mut self.outer)));
    }
}

/// A panic that nobody asked for is reported, as asyncio does.
impl<T> Drop for TaskCell<T> {
    fn drop(&mut self) {
        let Some(Err(error)) = self.result.get_mut() else { return };
        if !error.is_panic() {
            return;
        }
        let context = ExceptionContext {
            message: format!(
                "a task panicked and nobody asked for its result (created at {})",
                self.created_at
            ),
            panic: error.message().unwrap_or_default(),
            task: Some(self.name()),
        };
        match engine::find(self.home) {
            Some(engine) => engine.reporter.report(&context),
            None => Reporter::default().report(&context),
        }
    }
}

/// Keeps a cell in the loop's table for as long as the task runs.
pub(super) fn as_any<T: 'static>(cell: &Rc<TaskCell<T>>) -> Rc<dyn AnyTask> {
    cell.clone()
}
