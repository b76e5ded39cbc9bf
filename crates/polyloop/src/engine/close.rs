//! The loop's end.

use std::rc::Rc;
use std::time::Duration;

use polyloop_core::{EventLoop, Time};

use super::{Engine, local};

/// Rounds in which tasks that are cancelled at the loop's end may still make others.
const ROUNDS_MAX: usize = 100;

/// Iterations for what is still queued when no task is left, done callbacks for one: as many as
/// asyncio's `run` makes while it shuts its generators and its executor down.
const ROUNDS_AFTER_TASKS: usize = 4;

impl Engine {
    /// Cancels every task, lets them unwind, and closes the backend. Closing again does nothing.
    ///
    /// # Panics
    ///
    /// If the loop is running: what runs cannot end underneath itself.
    pub(crate) fn close(self: &Rc<Self>, grace: Duration) {
        assert!(!self.running.get(), "a loop was closed from inside one of its own iterations");
        if self.is_closed() {
            return;
        }
        // While the thread ends no loop can be found on it, so its tasks could not unwind.
        if local::is_there() {
            self.end_tasks();
        }
        self.report_destroyed();
        self.inspection.close();
        self.closed.set(true);
        let posted = self.shared.close();
        local::remove(self.id);
        // Each of these may run destructors of the user's, so nothing is borrowed meanwhile, and a
        // panic in one does not keep the rest open.
        self.reporter.guard(|| drop(posted));
        while let Some(ready) = self.ready.pop() {
            self.reporter.guard(|| drop(ready));
        }
        for task in self.tasks.take() {
            self.reporter.guard(|| {
                task.abandon();
            });
            self.reporter.guard(|| drop(task));
        }
        let timers = std::mem::take(&mut *self.timers.borrow_mut());
        self.next_timer.set(Time::NEVER);
        self.reporter.guard(|| drop(timers));
        self.reporter.guard(|| self.wait_hooks.clear());
        self.reporter.guard(|| self.os_events.close());
        self.reporter.guard(|| self.watchers.clear(self));
        self.reporter.guard(|| self.clear_waits());
        self.reporter.guard(|| self.resolver.clear());
        self.reporter.guard(|| self.default_executor.close(grace));
        self.driver.borrow_mut().close(grace);
    }

    /// Cancels every task and runs the loop until none is left, and what that queued has run,
    /// within bounds. What is queued may make tasks, which end as the others do.
    fn end_tasks(self: &Rc<Self>) {
        let mut rounds_after_tasks = 0;
        for _ in 0..ROUNDS_MAX {
            if !self.tasks.is_empty() {
                self.tasks.cancel_all("the loop is closing");
            } else if self.ready.is_empty() || rounds_after_tasks == ROUNDS_AFTER_TASKS {
                return;
            } else {
                rounds_after_tasks += 1;
            }
            self.iterate(Time::ZERO);
        }
    }
}
