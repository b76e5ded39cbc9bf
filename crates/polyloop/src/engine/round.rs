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
            Ready::Task(task) => {
                self.tasks.run(&task);
                // Where this is the last reference, what the task gave goes here.
                drop(task);
            }
            Ready::Callback(callback) => callback.call(),
            Ready::Completed(id) => self.call_handler(id),
            Ready::Wake(waker) => waker.wake(),
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
