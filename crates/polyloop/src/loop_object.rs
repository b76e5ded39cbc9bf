use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use polyloop_core::{LoopConfig, Result, Time};

use crate::backend::{Backend, BackendInfo};
use crate::callback::{Callback, Handle, TimerHandle};
use crate::context::Context;
use crate::engine::{self, Due, Engine, Ready};
use crate::loop_future::LoopFuture;
use crate::loop_handle::LoopHandle;
use crate::task::{self, Task, TaskInfo, TaskStart};

/// A loop: schedules callbacks and tasks, and runs them on its thread.
///
/// Programs mostly use the free functions, which mean the running loop ([`Loop::current`]). A
/// clone is the same loop. [`Loop::close`] ends it; a [`Runner`](crate::Runner) does that for the
/// loop that it made.
#[derive(Clone)]
pub struct Loop {
    engine: Rc<Engine>,
}

impl Loop {
    /// Makes a loop on this thread.
    ///
    /// # Errors
    ///
    /// Of kind *refused* if the backend cannot run here, saying which and why.
    pub fn new(backend: &Backend) -> Result<Loop> {
        Loop::with_config(backend, &LoopConfig::default())
    }

    /// Makes a loop with other bounds.
    ///
    /// # Errors
    ///
    /// As for [`Loop::new`].
    pub fn with_config(backend: &Backend, config: &LoopConfig) -> Result<Loop> {
        let events = Loop::unobserved(backend, config)?;
        events.observe_from_environment();
        Ok(events)
    }

    /// Makes a loop into which nobody can look yet.
    pub(crate) fn unobserved(backend: &Backend, config: &LoopConfig) -> Result<Loop> {
        Engine::new(backend, config).map(|engine| Loop { engine })
    }

    /// Lets others look in where the environment says.
    pub(crate) fn observe_from_environment(&self) {
        self.engine.inspection.open_from_environment(&self.engine.shared);
    }

    /// Gives the loop that runs on this thread: asyncio's `get_running_loop`.
    ///
    /// # Errors
    ///
    /// *Invalid input* if none runs.
    #[inline]
    pub fn current() -> Result<Loop> {
        engine::current().map(|engine| Loop { engine }).ok_or_else(engine::not_running)
    }

    pub(crate) fn of(engine: Rc<Engine>) -> Loop {
        Loop { engine }
    }

    pub(crate) fn engine(&self) -> &Rc<Engine> {
        &self.engine
    }

    /// Makes a task of a future. It is first polled in the next iteration.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn create_task<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        task::spawn(&self.engine, future, None, TaskStart::Soon)
    }

    /// Makes a task with a name.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn create_named_task<F>(&self, name: impl Into<String>, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        task::spawn(&self.engine, future, Some(name.into()), TaskStart::Soon)
    }

    /// Makes a task of a future and polls it at once; see
    /// [`create_eager_task`](crate::create_eager_task).
    ///
    /// From outside this loop's iterations it starts like any other task.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn create_eager_task<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        task::spawn(&self.engine, future, None, TaskStart::Eager)
    }

    /// Gives the task that is being polled now; none in a callback.
    pub fn current_task(&self) -> Option<TaskInfo> {
        task::current(&self.engine)
    }

    /// Gives every task that has not ended, in the order in which they were made.
    pub fn all_tasks(&self) -> Vec<TaskInfo> {
        task::all(&self.engine)
    }

    /// Has every new task shown to a function that says when it is first polled.
    ///
    /// This is what a task factory is for in asyncio: to name, count and watch tasks
    /// ([`TaskInfo::add_done_callback`]), or to start all of them eagerly. A task that is made as
    /// an eager one is eager whatever the function says. A panic of the function goes to the
    /// exception handler, and the task starts as it was asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// polyloop::run(async {
    ///     polyloop::Loop::current()?.set_task_hook(|_| polyloop::TaskStart::Eager);
    ///     assert!(polyloop::create_task(async {}).done());
    ///     Ok::<(), polyloop::Error>(())
    /// })?
    /// # ; Ok::<(), polyloop::Error>(())
    /// ```
    pub fn set_task_hook(&self, hook: impl Fn(&TaskInfo) -> TaskStart + 'static) {
        self.engine.set_task_hook(Some(Rc::new(hook)));
    }

    /// Has new tasks start as they ask for again.
    pub fn clear_task_hook(&self) {
        self.engine.set_task_hook(None);
    }

    /// Makes a task that runs in a context of its own instead of a copy of the caller's.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn create_task_in<F>(&self, context: Context, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let task = task::spawn(&self.engine, future, None, TaskStart::Soon);
        task.set_context(context);
        task
    }

    /// Makes a future of this loop, whose result somebody will set.
    ///
    /// # Cancel safety
    ///
    /// As that of [`LoopFuture`]: giving up awaiting loses nothing.
    #[track_caller]
    pub fn create_future<T>(&self) -> LoopFuture<T> {
        LoopFuture::of_loop(self.engine.id)
    }

    /// Has a function called in the next iteration, after what is ready already.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn call_soon(&self, function: impl FnOnce() + 'static) -> Handle {
        self.engine.assert_open();
        let (handle, callback) = Handle::new(function);
        self.engine.push_ready(Ready::Callback(callback));
        handle
    }

    /// Has a callback called in the next iteration, allocating nothing.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn schedule(&self, callback: Rc<dyn Callback>) {
        self.engine.assert_open();
        self.engine.push_ready(Ready::Callback(callback));
    }

    /// Has a function called after a while; never early, equal times in order.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn call_later(&self, after: Duration, function: impl FnOnce() + 'static) -> TimerHandle {
        self.call_at(self.time() + after, function)
    }

    /// Has a function called at a time on this loop's clock.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn call_at(&self, when: Time, function: impl FnOnce() + 'static) -> TimerHandle {
        self.engine.assert_open();
        let (handle, callback) = Handle::new(function);
        let timer = self.engine.arm(when, Due::Call(callback));
        TimerHandle::new(handle, self.engine.id, timer, when)
    }

    /// Reads the loop's clock.
    pub fn time(&self) -> Time {
        self.engine.now()
    }

    /// Gives the way into this loop from other threads.
    pub fn handle(&self) -> LoopHandle {
        LoopHandle::new(self.engine.shared.clone())
    }

    /// Tells which backend this loop runs on, why, and what it can do.
    pub fn backend_info(&self) -> BackendInfo {
        self.engine.info.clone()
    }

    /// Tells how many tasks have not ended.
    pub fn task_count(&self) -> usize {
        self.engine.tasks.len()
    }

    /// Counts what the backend holds: resources, ops, chunks.
    pub fn census(&self) -> polyloop_core::Census {
        self.engine.with_driver(polyloop_core::EventLoop::census)
    }
}

impl fmt::Debug for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loop({} on {})", self.engine.id.number(), self.engine.info.name())
    }
}
