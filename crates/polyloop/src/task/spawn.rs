//! The one place where a future meets `async-task`, and the one `unsafe` block of the frontend.

use std::panic::Location;
use std::rc::Rc;

use super::AnyTask;
use super::body::TaskBody;
use super::cell::TaskCell;
use super::{Task, TaskId};
use crate::engine::{self, Engine, LoopId};

/// A task that is ready to be polled.
pub(crate) type Runnable = async_task::Runnable<TaskMeta>;

/// What a task carries beside its future: where it belongs, and its name there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskMeta {
    pub(crate) home: LoopId,
    pub(crate) id: TaskId,
}

/// Makes a task of a future and puts it at the end of the ready queue.
#[track_caller]
pub(crate) fn spawn<F>(engine: &Rc<Engine>, future: F, name: Option<String>) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let created_at = Location::caller();
    let cell =
        engine.tasks.insert_with(|id: TaskId| TaskCell::new(engine.id, id, name, created_at));
    let body = TaskBody::new(future, cell.clone());
    let builder = async_task::Builder::new().metadata(TaskMeta { home: engine.id, id: cell.id() });
    // SAFETY: `spawn_unchecked` asks four things. (1) The future is not `Send`, so its runnable
    // must be run and dropped on this thread: the schedule function gives a runnable only to
    // its home loop, found by id on the home's own thread or posted to its inbox, which only
    // that thread takes from; where the home is gone the runnable is forgotten, never dropped.
    // (2) The future is `'static`. (3) The schedule function is a plain function, so `Send` and
    // `Sync`, and (4) `'static`. The async-task handle is detached here, so no output or future
    // is reached through it from elsewhere.
    let (runnable, handle) = unsafe { builder.spawn_unchecked(move |_| body, engine::schedule) };
    handle.detach();
    cell.set_waker(runnable.waker());
    runnable.schedule();
    Task::new(cell)
}
