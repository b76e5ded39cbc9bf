//! Running what is ready.

use std::rc::Rc;

use polyloop_core::limits;

use super::{Engine, Ready};
use crate::inspection::Pulse;
use crate::task::TaskRef;

impl Engine {
    /// Runs what is left of the round.
    #[inline]
    pub(super) fn run_round(self: &Rc<Self>) {
        loop {
            // What there is most of goes the shortest way.
            while let Some(task) = self.ready.pop_task_in_round() {
                self.budget.set(limits::OPS_PER_POLL);
                if self.is_watched.get() {
                    self.run_watched(Ready::Task(task));
                } else {
                    self.run_task(task);
                }
            }
            if !self.ready.is_other_next() {
                return;
            }
            let Some(other) = self.ready.pop_other_in_round() else { return };
            self.budget.set(limits::OPS_PER_POLL);
            if self.is_watched.get() {
                self.run_watched(other);
            } else {
                self.run(other);
            }
        }
    }

    #[inline]
    pub(super) fn count_round(&self, count: usize) {
        self.inspection.counts.count_round(count);
        let callbacks = &self.since_poll.callbacks;
        callbacks.set(callbacks.get() + count);
    }

    #[inline]
    fn run_task(&self, task: TaskRef) {
        let ended = self.tasks.run(task);
        if ended.is_some() && ended == self.main.get() {
            self.attention.set(true);
        }
    }

    fn run(self: &Rc<Self>, ready: Ready) {
        match ready {
            Ready::Task(task) => self.run_task(task),
            Ready::Callback(callback) => callback.call(),
            Ready::Completed(id) => self.call_handler(id),
            Ready::Wake(waker) => waker.wake(),
        }
    }

    /// Runs something for debug mode, or for a watchdog that feels the pulse.
    #[cold]
    fn run_watched(self: &Rc<Self>, ready: Ready) {
        let pulse = self.inspection.pulse();
        let watched = self.is_debug().then(|| self.watch(&ready));
        if let Some(pulse) = pulse {
            self.begin_beat(pulse, &ready);
        }
        self.reporter.guard(|| self.run(ready));
        if let Some(watched) = watched {
            self.judge(watched);
        }
        if let Some(pulse) = pulse {
            pulse.end();
        }
    }

    fn begin_beat(&self, pulse: &Pulse, ready: &Ready) {
        match ready {
            Ready::Task(task) => pulse.begin_task(task),
            Ready::Callback(callback) => pulse.begin_callback(callback.created_at()),
            Ready::Completed(_) | Ready::Wake(_) => pulse.begin_callback(None),
        }
    }
}
