//! The free functions: what they mean is the running loop.

use std::time::Duration;

use polyloop_core::{Result, Time};

use crate::backend::{Backend, BackendInfo};
use crate::callback::{Handle, TimerHandle};
use crate::context::Context;
use crate::loop_future::LoopFuture;
use crate::loop_object::Loop;
use crate::task::{Task, TaskInfo};

/// Gives the running loop, or panics with what to do about it.
#[track_caller]
#[inline]
fn running() -> Loop {
    Loop::current().unwrap_or_else(|error| panic!("{error}"))
}

/// Makes a loop on this thread, on the backend that [`Backend::Auto`] finds: asyncio's name for
/// [`Loop::new`]. It becomes the running loop ([`Loop::current`]) while it is run.
///
/// # Errors
///
/// *Refused* if no backend can run here.
pub fn new_event_loop() -> Result<Loop> {
    Loop::new(&Backend::Auto)
}

/// Makes a task of a future, on the running loop. It is first polled in the next iteration.
///
/// # Panics
///
/// If no loop runs on this thread.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let task = polyloop::create_task(async { "done" });
///     assert_eq!(task.await.unwrap(), "done");
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[track_caller]
pub fn create_task<F>(future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    running().create_task(future)
}

/// Makes a task with a name, on the running loop.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn create_named_task<F>(name: impl Into<String>, future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    running().create_named_task(name, future)
}

/// Makes a task of a future and polls it at once, before its maker goes on.
///
/// It is a task before that poll: [`current_task`] is it, its wakers work. If it ends there, it
/// has ended when this returns and costs no place in the ready queue; else it goes on like any
/// task. The poll spends the maker's stack, so eager tasks that make eager tasks must end
/// somewhere.
///
/// # Panics
///
/// If no loop runs on this thread.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let task = polyloop::create_eager_task(async { "no wait" });
///     assert!(task.done());
///     assert_eq!(task.await.unwrap(), "no wait");
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[track_caller]
pub fn create_eager_task<F>(future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    running().create_eager_task(future)
}

/// Gives the task that is being polled now; none in a callback, and none where no loop runs.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let task = polyloop::create_named_task("worker", async {
///         polyloop::current_task().unwrap().name()
///     });
///     assert_eq!(task.await.unwrap(), "worker");
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn current_task() -> Option<TaskInfo> {
    Loop::current().ok()?.current_task()
}

/// Gives every task of the running loop that has not ended, in the order in which they were made.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn all_tasks() -> Vec<TaskInfo> {
    running().all_tasks()
}

/// Makes a task that runs in a context of its own instead of a copy of the caller's, on the
/// running loop.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn create_task_in<F>(context: Context, future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    running().create_task_in(context, future)
}

/// Makes a future of the running loop, whose result somebody will set.
///
/// # Panics
///
/// If no loop runs on this thread.
///
/// # Cancel safety
///
/// As that of [`LoopFuture`]: giving up awaiting loses nothing.
#[track_caller]
pub fn create_future<T>() -> LoopFuture<T> {
    running().create_future()
}

/// Has a function called in the next iteration of the running loop.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn call_soon(function: impl FnOnce() + 'static) -> Handle {
    running().call_soon(function)
}

/// Has a function called after a while; never early, equal times in order.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn call_later(after: Duration, function: impl FnOnce() + 'static) -> TimerHandle {
    running().call_later(after, function)
}

/// Has a function called at a time on the running loop's clock.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn call_at(when: Time, function: impl FnOnce() + 'static) -> TimerHandle {
    running().call_at(when, function)
}

/// Reads the running loop's clock.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn time() -> Time {
    running().time()
}

/// Tells which backend the running loop is, why, and what it can do.
///
/// # Panics
///
/// If no loop runs on this thread.
#[track_caller]
pub fn backend_info() -> BackendInfo {
    running().backend_info()
}
