//! The one place where a future meets `async-task`, and the one `unsafe` block of the frontend.

use std::panic::Location;
use std::rc::Rc;

use super::AnyTask;
use super::body::{Plain, TaskBody};
use super::cell::TaskCell;
use super::{Task, TaskError, TaskKey, TaskStart};
use crate::engine::{self, Engine, LoopId};

/// A task that is ready to be polled.
pub(crate) type Runnable = async_task::Runnable<TaskMeta>;

/// What a task carries beside its future: where it belongs, and its name there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskMeta {
    pub(crate) home: LoopId,
    pub(crate) key: TaskKey,
}

/// A task that is in its loop's table and has yet to be started.
pub(crate) struct Prepared<T> {
    pub(crate) task: Task<T>,
    runnable: Runnable,
}

/// Makes a task of a future and starts it.
#[track_caller]
pub(crate) fn spawn<F>(
    engine: &Rc<Engine>,
    future: F,
    name: Option<String>,
    start: TaskStart,
) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_at(Location::caller(), engine, future, name, start)
}

/// Makes a task that says that it was made at a place, and starts it.
pub(crate) fn spawn_at<F>(
    created_at: &'static Location<'static>,
    engine: &Rc<Engine>,
    future: F,
    name: Option<String>,
    start: TaskStart,
) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    prepare_at(created_at, engine, Plain::new(future), name).start(engine, start)
}

/// Makes a task of a future that gives the task's result.
#[track_caller]
pub(crate) fn prepare<F, T>(engine: &Rc<Engine>, future: F, name: Option<String>) -> Prepared<T>
where
    F: Future<Output = Result<T, TaskError>> + 'static,
    T: 'static,
{
    prepare_at(Location::caller(), engine, future, name)
}

#[track_caller]
fn prepare_at<F, T>(
    created_at: &'static Location<'static>,
    engine: &Rc<Engine>,
    future: F,
    name: Option<String>,
) -> Prepared<T>
where
    F: Future<Output = Result<T, TaskError>> + 'static,
    T: 'static,
{
    engine.assert_open();
    let cell = engine
        .tasks
        .insert_with(name, |key, made, name| TaskCell::new(engine.id, key, made, name, created_at));
    let body = TaskBody::new(future, cell.clone());
    let builder =
        async_task::Builder::new().metadata(TaskMeta { home: engine.id, key: cell.key() });
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
    Prepared { task: Task::new(cell), runnable }
}

impl<T: 'static> Prepared<T> {
    /// Puts the task at the end of the ready queue, or, eagerly, polls it here.
    pub(crate) fn start(self, engine: &Rc<Engine>, start: TaskStart) -> Task<T> {
        let Prepared { task, runnable } = self;
        let start = engine.hooked_start(start, &task);
        // What a task does means the running loop, so only that one can start it here.
        let runs_here = || engine::current().is_some_and(|running| Rc::ptr_eq(&running, engine));
        match start {
            TaskStart::Eager if runs_here() => engine.tasks.poll_eagerly(runnable),
            _ => runnable.schedule(),
        }
        task
    }
}
