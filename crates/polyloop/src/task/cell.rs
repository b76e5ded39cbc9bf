use std::cell::{Cell, Ref, RefCell};
use std::fmt::Write;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::awaited::{self, Awaited, BundleId};
use super::handle::{Outcome, TaskCallbackId, TaskReport};
use super::listeners::{Listener, Listeners};
use super::name::TaskName;
use super::{AnyTask, TaskError, TaskKey};
use crate::context::{Context as Values, copy_context, is_current_empty, swap_context};
use crate::engine::{self, LoopId, Ready};
use crate::exception::{ExceptionContext, Reporter};

/// What a task and its handle share.
///
/// `waker` is there exactly until the task has ended; `outcome` and (until somebody takes it)
/// `result` exactly from then on; `listeners` is empty from then on. `asked` is true once somebody
/// has looked at the result.
pub(crate) struct TaskCell<T> {
    home: LoopId,
    key: TaskKey,
    made: u64,
    created_at: &'static Location<'static>,
    name: Cell<TaskName>,
    context: Cell<Values>,
    waker: Cell<Option<Waker>>,
    cancel: Cell<Option<Box<CancelRequest>>>,
    outcome: Cell<Option<Outcome>>,
    result: RefCell<Option<Result<T, TaskError>>>,
    asked: Cell<bool>,
    listeners: Listeners,
    /// What it waited for when it was last polled.
    awaited: Cell<Awaited>,
}

/// Boxed, because few tasks are cancelled and every task has room for it.
struct CancelRequest {
    message: Option<String>,
}

impl<T> TaskCell<T> {
    pub(super) fn new(
        home: LoopId,
        key: TaskKey,
        made: u64,
        name: TaskName,
        created_at: &'static Location<'static>,
    ) -> TaskCell<T> {
        TaskCell {
            home,
            key,
            made,
            created_at,
            name: Cell::new(name),
            context: Cell::new(copy_context()),
            waker: Cell::default(),
            cancel: Cell::default(),
            outcome: Cell::default(),
            result: RefCell::new(None),
            asked: Cell::new(false),
            listeners: Listeners::default(),
            awaited: Cell::new(Awaited::Turn),
        }
    }

    pub(super) fn set_waker(&self, waker: Waker) {
        self.waker.replace(Some(waker));
    }

    pub(super) fn set_awaited(&self, awaited: Awaited) {
        self.awaited.set(awaited);
    }

    /// Copies the context in which the task runs, as it was when it last ran.
    pub(super) fn context(&self) -> Values {
        let kept = self.context.take();
        let copy = kept.clone();
        self.context.set(kept);
        copy
    }

    /// Enters the task's context, for one poll.
    #[inline]
    pub(super) fn enter_context(&self) -> InContext<'_, T> {
        // Mostly nothing is set in either, and then there is nothing to swap.
        if self.is_context_empty() && is_current_empty() {
            return InContext { cell: self, outer: Values::new() };
        }
        InContext { cell: self, outer: swap_context(self.context()) }
    }

    #[inline]
    fn is_context_empty(&self) -> bool {
        let kept = self.context.take();
        let is_empty = kept.is_empty();
        self.context.set(kept);
        is_empty
    }

    pub(super) fn set_context(&self, context: Values) {
        let old = self.context.replace(context);
        drop(old);
    }

    pub(super) fn take_cancel(&self) -> Option<Option<String>> {
        self.cancel.take().map(|request| request.message)
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
            engine.tasks.remove(self.key);
        }
        self.listeners.tell(|listener| match (&engine, listener) {
            (Some(engine), listener) => {
                let callback = listener.into_callback(|| self.report(outcome));
                engine.push_ready(Ready::Callback(callback));
            }
            // A loop that is gone runs nothing any more, but another may wait for this task.
            (None, Listener::Notified(_, callback)) => callback.call(),
            (None, Listener::Told(_)) => {}
        });
    }

    pub(super) fn poll_join(&self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        if let Some(result) = self.result.take() {
            return Poll::Ready(result);
        }
        assert!(
            self.outcome.get().is_none(),
            "a task was awaited again after its result was taken"
        );
        let Some(engine) = engine::find(self.home) else {
            return Poll::Ready(Err(TaskError::cancelled(Some("the loop is closed".to_owned()))));
        };
        assert!(
            engine.tasks.current() != Some(self.key),
            "a task awaited itself, which would never end"
        );
        self.listeners.set_joiner(cx.waker());
        awaited::note(Awaited::Task(self.home, self.key));
        Poll::Pending
    }

    /// Looks at the result, which is then asked for; nothing once it was taken.
    pub(crate) fn peek(&self) -> Option<Ref<'_, Result<T, TaskError>>> {
        let result = Ref::filter_map(self.result.borrow(), Option::as_ref).ok()?;
        self.asked.set(true);
        Some(result)
    }

    /// Tells whether the task's result is there and as described.
    pub(crate) fn has_result(&self, describes: fn(&Result<T, TaskError>) -> bool) -> bool {
        self.result.borrow().as_ref().is_some_and(describes)
    }

    pub(super) fn take_result(&self) -> Result<T, TaskError> {
        self.result.take().expect("a result is taken once, after the task has ended")
    }

    fn report(&self, outcome: Outcome) -> TaskReport {
        TaskReport { name: self.name(), outcome }
    }
}

impl<T> AnyTask for TaskCell<T> {
    fn home(&self) -> LoopId {
        self.home
    }

    fn key(&self) -> TaskKey {
        self.key
    }

    fn made(&self) -> u64 {
        self.made
    }

    fn created_at(&self) -> &'static Location<'static> {
        self.created_at
    }

    fn outcome(&self) -> Option<Outcome> {
        self.outcome.get()
    }

    fn name(&self) -> String {
        let mut name = String::new();
        self.write_name(&mut name);
        name
    }

    fn write_name(&self, into: &mut String) {
        let name = self.name.take();
        // Writing to a String does not fail.
        let _ = write!(into, "{name}");
        self.name.set(name);
    }

    fn set_name(&self, name: String) {
        self.name.set(TaskName::Given(name.into_boxed_str()));
    }

    /// Notes the request; the task sees it when its turn in the ready queue comes.
    fn cancel(&self, message: Option<String>) -> bool {
        if self.outcome.get().is_some() {
            return false;
        }
        self.cancel.set(Some(Box::new(CancelRequest { message })));
        if let Some(waker) = self.waker.take() {
            let kept = waker.clone();
            self.waker.set(Some(kept));
            waker.wake();
        }
        true
    }

    fn listen(&self, listener: Listener) -> TaskCallbackId {
        let Some(outcome) = self.outcome.get() else { return self.listeners.add(listener) };
        if let Some(engine) = engine::find(self.home) {
            let callback = listener.into_callback(|| self.report(outcome));
            engine.push_ready(Ready::Callback(callback));
        }
        self.listeners.reserve()
    }

    fn awaited(&self) -> Awaited {
        self.awaited.get()
    }

    fn bundles(&self) -> Vec<BundleId> {
        self.listeners.bundles()
    }

    fn unlisten(&self, id: TaskCallbackId) -> bool {
        self.listeners.remove(id)
    }
}

/// A task's context is the current one until this is dropped; what was set stays the task's.
pub(super) struct InContext<'a, T> {
    cell: &'a TaskCell<T>,
    outer: Values,
}

impl<T> InContext<'_, T> {
    /// Goes on with another borrow of the same cell.
    pub(super) fn held_by(mut self, cell: &TaskCell<T>) -> InContext<'_, T> {
        let outer = std::mem::take(&mut self.outer);
        std::mem::forget(self);
        InContext { cell, outer }
    }
}

impl<T> Drop for InContext<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.outer.is_empty() && self.cell.is_context_empty() && is_current_empty() {
            return;
        }
        self.cell.set_context(swap_context(std::mem::take(&mut self.outer)));
    }
}

/// A panic that nobody asked for is reported, as asyncio does.
impl<T> Drop for TaskCell<T> {
    fn drop(&mut self) {
        let Some(Err(error)) = self.result.get_mut() else { return };
        if !error.is_panic() || self.asked.get() {
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
