//! How a future becomes a task.

use std::panic::Location;
use std::rc::Rc;

use super::body::{Plain, TaskBody};
use super::trace::TaskTrace;
use super::{Task, TaskError, TaskStart, record};
use crate::engine::{self, Engine};

/// A task that is in its loop's table and has yet to be started.
pub(crate) struct Prepared<T> {
    pub(crate) task: Task<T>,
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
    let record = engine.tasks.record(name, created_at);
    let body = TaskBody::new(future, TaskTrace::spawned(&record, engine.id));
    let cell = polyloop_task::spawn(engine.id, record, body);
    record::note_first_context(&cell);
    engine.tasks.insert((*cell).clone());
    Prepared { task: Task::new(cell) }
}

impl<T: 'static> Prepared<T> {
    /// Puts the task at the end of the ready queue, or, eagerly, polls it here.
    pub(crate) fn start(self, engine: &Rc<Engine>, start: TaskStart) -> Task<T> {
        let Prepared { task } = self;
        let start = engine.hooked_start(start, &task);
        // What a task does means the running loop, so only that one can start it here.
        let runs_here = || engine::current().is_some_and(|running| Rc::ptr_eq(&running, engine));
        match start {
            TaskStart::Eager if runs_here() => engine.tasks.run_eagerly(task.cell()),
            _ => task.cell().wake(),
        }
        task
    }
}
