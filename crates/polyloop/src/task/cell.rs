use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::handle::{Outcome, TaskCallbackId, TaskReport};
use super::{AnyTask, TaskError, TaskId};
use crate::callback::Callback;
use crate::engine::{self, Engine, LoopId, Ready};
use crate::exception::{ExceptionContext, Reporter};

/// What a task and its handle share.
///
/// `waker` is there exactly until the task has ended; `outcome` and (until somebody takes it)
/// `result` exactly from then on; `callbacks` and `joiner` are empty from then on. `joiner`'s place
/// among the callbacks is at most their number.
pub(crate) struct TaskCell<T> {
    home: LoopId,
    id: TaskId,
    created_at: &'static Location<'static>,
    name: RefCell<Option<String>>,
    waker: RefCell<Option<Waker>>,
    cancel: RefCell<Option<Option<String>>>,
    outcome: Cell<Option<Outcome>>,
    result: RefCell<Option<Result<T, TaskError>>>,
    joiner: RefCell<Option<Joiner>>,
    callbacks: RefCell<Vec<(TaskCallbackId, DoneCallback)>>,
    next_callback: Cell<u64>,
}

pub(super) type DoneCallback = Box<dyn FnOnce(&TaskReport)>;

/// Who takes the result. As in asyncio it stands in one line with the done callbacks: those
/// before it were added first.
struct Joiner {
    callbacks_before: usize,
    notice: Notice,
}

/// How the joiner learns of the end: its task becomes ready, or a callback does. Either runs in
/// the next iteration.
enum Notice {
    Wake(Waker),
    Call(Rc<dyn Callback>),
}

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

    pub(super) fn created_at(&self) -> &'static Location<'static> {
        self.created_at
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
        let mut joiner = self.joiner.take();
        for (place, (_, callback)) in self.callbacks.take().into_iter().enumerate() {
            if let Some(joiner) = joiner.take_if(|joiner| joiner.callbacks_before == place) {
                joiner.notify(engine.as_deref());
            }
            let Some(engine) = &engine else { continue };
            let report = self.report(outcome);
            engine.push_ready(Ready::Callback(crate::callback::once(move || callback(&report))));
        }
        if let Some(joiner) = joiner {
            joiner.notify(engine.as_deref());
        }
    }

    /// Has a callback called in the iteration after the end, instead of waking who awaits it.
    pub(super) fn join_with(&self, callback: Rc<dyn Callback>) {
        self.set_joiner(Notice::Call(callback));
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
        self.set_joiner(Notice::Wake(cx.waker().clone()));
        Poll::Pending
    }

    /// Sets who takes the result; one that is there already keeps its place.
    fn set_joiner(&self, notice: Notice) {
        let mut joiner = self.joiner.borrow_mut();
        let old = match &mut *joiner {
            Some(joiner) => Some(std::mem::replace(&mut joiner.notice, notice)),
            None => {
                let callbacks_before = self.callbacks.borrow().len();
                *joiner = Some(Joiner { callbacks_before, notice });
                None
            }
        };
        drop(joiner);
        drop(old);
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
        if let (Some(position), Some(joiner)) = (position, &mut *self.joiner.borrow_mut())
            && position < joiner.callbacks_before
        {
            joiner.callbacks_before -= 1;
        }
        removed.is_some()
    }

    fn report(&self, outcome: Outcome) -> TaskReport {
        TaskReport { name: self.name(), outcome }
    }
}

impl<T> AnyTask for TaskCell<T> {
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

impl Joiner {
    fn notify(self, engine: Option<&Engine>) {
        match (self.notice, engine) {
            (Notice::Wake(waker), _) => waker.wake(),
            (Notice::Call(callback), Some(engine)) => engine.push_ready(Ready::Callback(callback)),
            // A loop that is gone runs nothing any more.
            (Notice::Call(callback), None) => callback.call(),
        }
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
