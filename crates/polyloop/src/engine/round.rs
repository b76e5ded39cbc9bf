//! Running what is ready.

use std::rc::Rc;

use polyloop_core::limits;

use super::{Engine, Ready};
use crate::inspection::Pulse;

impl Engine {
    /// Runs what is left of the round.
    #[inline]
    pub(super) fn run_round(self: &Rc<Self>) {
        let pulse = self.inspection.pulse();
        loop {
            let next = self.ready.borrow_mut().pop_in_round();
            let Some(next) = next else { return };
            self.budget.set(limits::OPS_PER_POLL);
            if pulse.is_some() || self.is_debug() {
                self.run_watched(next, pulse);
            } else {
                self.run(next);
            }
        }
    }

    #[inline]
    pub(super) fn count_round(&self, count: usize) {
        self.inspection.counts.count_round(count);
        let mut since = self.since_poll.get();
        since.callbacks += count;
        self.since_poll.set(since);
    }

    #[inline]
    fn run(self: &Rc<Self>, ready: Ready) {
        match ready {
            Ready::Task(runnable) => {
                self.tasks.set_current(Some(runnable.metadata().key));
                // A panic in a task is that task's result: none comes out here.
                runnable.run();
            }
            Ready::Callback(callback) => {
                self.tasks.set_current(None);
                callback.call();
            }
            Ready::Completed(id) => {
                self.tasks.set_current(None);
                self.call_handler(id);
            }
            Ready::Wake(waker) => {
                self.tasks.set_current(None);
                waker.wake();
            }
        }
    }

    /// Runs something for debug mode, or for a watchdog that feels the pulse.
    #[cold]
    fn run_watched(self: &Rc<Self>, ready: Ready, pulse: Option<&Pulse>) {
        let watched = self.is_debug().then(|| self.watch(&ready));
        if let Some(pulse) = pulse {
            self.begin_beat(pulse, &ready);
        }
        self.reporter.guard(|| self.run(ready));
        self.tasks.set_current(None);
        if let Some(watched) = watched {
            self.judge(watched);
        }
        if let Some(pulse) = pulse {
            pulse.end();
        }
    }

    fn begin_beat(&self, pulse: &Pulse, ready: &Ready) {
        match ready {
            Ready::Task(runnable) => {
                pulse.begin_task(self.tasks.find(runnable.metadata().key).as_deref());
            }
            Ready::Callback(callback) => pulse.begin_callback(callback.created_at()),
            Ready::Completed(_) | Ready::Wake(_) => pulse.begin_callback(None),
        }
    }
}
