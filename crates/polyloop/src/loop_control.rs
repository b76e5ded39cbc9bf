//! Running, stopping and closing a loop by hand.

use std::rc::Rc;

use polyloop_core::{Error, Result, limits};

use crate::loop_object::Loop;
use crate::task;
use crate::wait_hook::{WaitHook, WaitHookId};

impl Loop {
    /// Runs until [`Loop::stop`] is called; after that it can be run again.
    ///
    /// # Errors
    ///
    /// What [`Loop::stop_with`] was given; *loop closed*; *invalid input* if a loop runs on this
    /// thread already.
    ///
    /// # Examples
    ///
    /// ```
    /// let events = polyloop::new_event_loop()?;
    /// let inner = events.clone();
    /// events.call_soon(move || inner.stop());
    /// events.run_forever()?;
    /// events.close();
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    pub fn run_forever(&self) -> Result<()> {
        let engine = self.engine();
        engine.check_runnable()?;
        engine.run_until_stopped()
    }

    /// Runs until a future, made a task, has ended, and gives what it gave. A panic of the future
    /// goes on here.
    ///
    /// # Errors
    ///
    /// *Interrupted* if the loop is stopped before; the future then stays a task, and goes on when
    /// the loop runs again. What [`Loop::stop_with`] was given; *loop closed*; *invalid input* if a
    /// loop runs on this thread already.
    #[track_caller]
    pub fn run_until_complete<F: Future + 'static>(&self, future: F) -> Result<F::Output> {
        let engine = self.engine();
        engine.check_runnable()?;
        let mut main = task::spawn(engine, future, None, task::TaskStart::Soon);
        engine.run_until_done(&main, || {})?;
        main.take_result().or_else(|error| match error.into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(error.into()),
        })
    }

    /// Has the loop stop when the iteration that runs has ended: what was ready still runs, what
    /// that queued runs when the loop is run again.
    ///
    /// On a loop that does not run it has the next run stop after one iteration that does not
    /// wait. From another thread, post it ([`LoopHandle::call_soon_threadsafe`]).
    ///
    /// [`LoopHandle::call_soon_threadsafe`]: crate::LoopHandle::call_soon_threadsafe
    pub fn stop(&self) {
        self.engine().stop(None);
    }

    /// Has the loop stop as [`Loop::stop`] does, and its run end with an error; of several errors
    /// the first.
    pub fn stop_with(&self, error: impl Into<Error>) {
        self.engine().stop(Some(error.into()));
    }

    /// Tells whether the loop runs: whether this is called from inside one of its iterations.
    pub fn is_running(&self) -> bool {
        self.engine().is_running()
    }

    /// Tells whether the loop is closed.
    pub fn is_closed(&self) -> bool {
        self.engine().is_closed()
    }

    /// Ends the loop: cancels every task, closes every resource, and waits a short time for
    /// the kernel to let go. Closing again does nothing.
    ///
    /// Of the default executor, if the loop made it, closures that no thread has begun are
    /// cancelled; those that run have that short time (100 ms) and are then left to themselves.
    /// [`Loop::shutdown_default_executor`] waits longer.
    ///
    /// A closed loop takes nothing more: what returns a `Result` gives *loop closed*, and what
    /// schedules (`call_soon`, `call_at`, `create_task` and their like) panics.
    ///
    /// # Panics
    ///
    /// If it is called from inside the loop.
    pub fn close(&self) {
        self.engine().close(limits::DROP_GRACE);
    }

    /// Has a hook called before and after each turn of the backend.
    ///
    /// A loop that is a [`Guest`](crate::Guest) has its host wait, around which no hook runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// use polyloop::{Time, WaitHook};
    ///
    /// #[derive(Default)]
    /// struct Waits(Cell<u32>);
    ///
    /// impl WaitHook for Waits {
    ///     fn before_wait(&self, _until: Time) {
    ///         self.0.set(self.0.get() + 1);
    ///     }
    /// }
    ///
    /// let events = polyloop::new_event_loop()?;
    /// let waits = Rc::new(Waits::default());
    /// let id = events.add_wait_hook(waits.clone());
    /// events.run_until_complete(polyloop::sleep(std::time::Duration::from_millis(1)))?;
    /// assert!(waits.0.get() > 0);
    /// assert!(events.remove_wait_hook(id));
    /// events.close();
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    pub fn add_wait_hook(&self, hook: Rc<dyn WaitHook>) -> WaitHookId {
        self.engine().wait_hooks.add(hook)
    }

    /// Takes a hook back, and tells whether it was there. If hooks are being called, it still
    /// takes part in that turn.
    pub fn remove_wait_hook(&self, id: WaitHookId) -> bool {
        self.engine().wait_hooks.remove(id)
    }
}
