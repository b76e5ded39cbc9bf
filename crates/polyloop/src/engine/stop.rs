//! Asking a loop to stop, and running it until it does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use polyloop_core::{Error, ErrorKind, EventLoop, Result, Time};

use super::iteration::HowMany;
use super::{Engine, is_any_running};
use crate::task::Task;

/// A request to stop, and the error that it came with.
#[derive(Default)]
pub(super) struct Stop {
    asked: Cell<bool>,
    error: RefCell<Option<Error>>,
}

impl Engine {
    /// Asks the loop to stop after the iteration that runs, or after one that does not wait.
    pub(crate) fn stop(&self, error: Option<Error>) {
        self.stop.asked.set(true);
        self.attention.set(true);
        let mut kept = self.stop.error.borrow_mut();
        // The first error is the one that says what went wrong.
        if kept.is_none() {
            *kept = error;
        }
        drop(kept);
        self.tell_host();
    }

    /// Tells whether the loop was asked to stop and has not yet.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.asked.get()
    }

    /// Tells until when the next iteration may wait.
    pub(crate) fn patience(&self) -> Time {
        if self.is_stopping() { Time::ZERO } else { Time::NEVER }
    }

    /// Answers a request to stop.
    fn end_stop(&self) -> Result<()> {
        self.send_written();
        self.stop.asked.set(false);
        self.stop.error.take().map_or(Ok(()), Err)
    }

    /// Fails if the loop cannot be run here and now.
    pub(crate) fn check_runnable(&self) -> Result<()> {
        self.check_open()?;
        if is_any_running() {
            return Err(Error::new(ErrorKind::InvalidInput).attempting(
                "run a loop while a loop runs on this thread (await the future instead, make it \
                 a task, or run it on another thread)",
            ));
        }
        Ok(())
    }

    /// Iterates until the loop is asked to stop.
    pub(crate) fn run_until_stopped(self: &Rc<Self>) -> Result<()> {
        let _entered = self.enter();
        loop {
            self.iterate_while(self.patience(), HowMany::Several, || !self.is_stopping());
            if self.is_stopping() {
                return self.end_stop();
            }
        }
    }

    /// Iterates until a task has ended, calling `each` now and then, at the latest before the backend is turned.
    pub(crate) fn run_until_done<T>(
        self: &Rc<Self>,
        task: &Task<T>,
        mut each: impl FnMut(),
    ) -> Result<()> {
        let _entered = self.enter();
        while !task.done() {
            self.main.set(Some(task.cell().key()));
            self.iterate_while(self.patience(), HowMany::Several, || {
                each();
                !task.done() && !self.is_stopping()
            });
            if self.is_stopping() {
                self.end_stop()?;
                if !task.done() {
                    return Err(Error::new(ErrorKind::Interrupted).attempting(
                        "run a future to its end (the loop was stopped before; it is still a task)",
                    ));
                }
            }
        }
        self.send_written();
        Ok(())
    }

    /// Has the backend send what it was given to send soon: the loop may not be turned again for long.
    fn send_written(&self) {
        self.with_driver(EventLoop::prepare);
    }
}
