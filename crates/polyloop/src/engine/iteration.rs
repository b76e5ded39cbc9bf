//! One iteration: the order is the contract (asyncio's), tested on every backend.

use std::rc::Rc;

use polyloop_core::{Completion, EventLoop, Time, Token, limits};

use super::effect::Effect;
use super::local::{self, Entered};
use super::mutant::{Mutant, is_mutant};
use super::{Due, Engine, Posted, Ready, SincePoll};
use crate::callback;
use crate::wait_hook;

impl Engine {
    /// Runs one iteration, waiting at most until `latest` if nothing is ready.
    ///
    /// Gives whether more is ready to run at once.
    pub(crate) fn iterate(self: &Rc<Self>, latest: Time) -> bool {
        if self.is_closed() {
            return false;
        }
        let _entered = self.enter();
        self.iterate_while(latest, HowMany::One, || false)
    }

    /// Declares the loop running, for one iteration or for as many as follow each other.
    pub(super) fn enter(self: &Rc<Self>) -> Entered<'_> {
        assert!(!self.running.get(), "a loop was turned from inside one of its own iterations");
        local::enter(self)
    }

    /// Runs one iteration of a loop that was [entered](Self::enter), and if that may be more for as long as
    /// something is ready, the backend need not be looked at, and `go_on` says so. That is asked after an
    /// iteration in which the main task has ended or the loop was asked to stop, and now and then.
    ///
    /// An iteration is often a single poll of a small task, so what is the same for all of them is
    /// done once.
    pub(super) fn iterate_while(
        self: &Rc<Self>,
        latest: Time,
        how_many: HowMany,
        mut go_on: impl FnMut() -> bool,
    ) -> bool {
        debug_assert!(self.running.get() && !self.is_closed(), "a loop that is open was entered");
        let more = if self.may_skip_poll() { false } else { self.poll(latest) };
        let mut count = self.begin_iteration(how_many);
        // One guard for all that runs, put up again after a panic, and the round goes on: it costs
        // as much as polling a small task.
        let mut is_over = false;
        while !is_over {
            self.reporter.guard(|| {
                loop {
                    self.run_rounds(count);
                    if !go_on() || !self.may_skip_poll() {
                        break;
                    }
                    count = self.begin_iteration(how_many);
                }
                is_over = true;
            });
        }
        more || !self.ready.is_empty()
    }

    /// Makes ready what is due, and tells how much runs in this iteration.
    #[inline]
    fn begin_iteration(&self, how_many: HowMany) -> usize {
        self.inspection.begin_round();
        let now = self.since_poll.now.get();
        if self.next_timer.get() <= now {
            self.fire_due_timers(now);
        }
        if is_mutant(Mutant::LastInFirstOut) {
            self.reverse_ready();
        }
        let runs_on = how_many == HowMany::Several
            && self.next_timer.get().is_never()
            && !is_mutant(Mutant::LastInFirstOut);
        self.attention.set(!runs_on);
        self.ready.begin_round()
    }

    /// Runs a round of so many, and those that follow for as long as they are of woken tasks and nothing else
    /// is to be looked at in between. Those are iterations, too.
    #[inline]
    fn run_rounds(self: &Rc<Self>, mut count: usize) {
        let until = self.since_poll.next_look();
        loop {
            self.run_round();
            self.count_round(count);
            if is_mutant(Mutant::NoSnapshot) {
                self.run_on();
            }
            if self.attention.get() || self.since_poll.callbacks.get() >= until {
                break;
            }
            count = self.ready.begin_round_of_woken();
            if count == 0 {
                break;
            }
        }
        self.inspection.end_round();
    }

    /// Gives when the loop must be turned at the latest.
    pub(crate) fn next_deadline(&self) -> Time {
        if !self.ready.is_empty() {
            return Time::ZERO;
        }
        self.next_timer.get().min(self.driver.borrow().next_deadline())
    }

    /// Tells whether what is ready may run on before the backend is looked at again.
    ///
    /// The clock is read at most once, and for every iteration that has timers to look at.
    #[inline]
    fn may_skip_poll(&self) -> bool {
        let since = &self.since_poll;
        let callbacks = since.callbacks.get();
        let runs_on =
            callbacks < limits::CALLBACKS_PER_POLL && callbacks > 0 && !self.ready.is_empty();
        if !runs_on {
            return false;
        }
        let unclocked = callbacks - since.clocked.get();
        if unclocked >= limits::CALLBACKS_PER_CLOCK || !self.next_timer.get().is_never() {
            since.now.set(self.now());
            since.clocked.set(callbacks);
        }
        since.now.get() < since.at.get() + limits::RUN_BEFORE_POLL
    }

    /// Turns the backend once and makes ready what completed and what was posted.
    fn poll(&self, latest: Time) -> bool {
        let hooks = self.wait_hooks.list();
        if let Some(hooks) = &hooks {
            wait_hook::before_wait(hooks, &self.reporter, self.next_deadline().min(latest));
        }
        let deadline = self.next_deadline().min(latest);
        self.inspection.before_turn();
        let mut batch = self.batch.take().unwrap_or_default();
        let turned = self.driver.borrow_mut().turn(deadline, &mut batch);
        if is_mutant(Mutant::TimersBeforeCompletions) {
            self.fire_due_timers(self.now());
        }
        if let Some(hooks) = &hooks {
            wait_hook::after_wait(hooks, &self.reporter);
        }
        batch.drain_into(|token| self.tell_readable(token), |other| self.complete(other));
        self.batch.set(Some(batch));
        self.inspection.counts.count_turn(turned.woken);
        if turned.woken {
            self.take_posted();
            match self.shared.take_signals() {
                0 => {}
                arrived => self.os_events.deliver(self, arrived),
            }
        }
        let at = self.now();
        self.since_poll.restart(at);
        turned.more
    }

    #[inline(never)]
    fn complete(&self, completion: Completion) {
        let effect = self.waits.borrow_mut().complete(completion);
        // Wakers run, and unwanted results are dropped or closed, after the borrow has ended.
        if !matches!(effect, Effect::Nothing) {
            effect.apply(self);
        }
    }

    /// What comes most often carries nothing.
    #[inline]
    fn tell_readable(&self, token: Token) {
        let effect = self.waits.borrow_mut().readable(token);
        if let Some(effect) = effect {
            effect.apply(self);
        }
    }

    fn take_posted(&self) {
        let mut posted = self.posted.take();
        self.shared.take(&mut posted);
        for item in posted.drain(..) {
            match item {
                // The inbox is the home's own, so none comes back.
                Posted::Task(woken) => drop(woken.wake()),
                Posted::Call(call, place) => {
                    self.push_ready(Ready::Callback(callback::once_at(place, call)));
                }
            }
        }
        self.posted.set(posted);
    }

    fn fire_due_timers(&self, now: Time) {
        // Only moved, so nothing is called while they are borrowed.
        let mut timers = self.timers.borrow_mut();
        let mut due = std::iter::from_fn(|| timers.pop_due(now).map(|(_, due)| due));
        if is_mutant(Mutant::SleepersAtOnce) {
            due.by_ref().for_each(|due| match due {
                Due::Wake(sleeper) => sleeper.wake(),
                Due::Call(callback) => self.ready.push(Ready::Callback(callback)),
            });
        }
        self.ready.push_others(due.map(|due| match due {
            Due::Wake(sleeper) => Ready::Wake(sleeper),
            Due::Call(callback) => Ready::Callback(callback),
        }));
        self.next_timer.set(timers.next_deadline());
    }
}

/// How many iterations may be run at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HowMany {
    One,
    Several,
}

impl SincePoll {
    /// Gives how many callbacks may have run before the clock or the backend is looked at.
    #[inline]
    fn next_look(&self) -> usize {
        (self.clocked.get() + limits::CALLBACKS_PER_CLOCK).min(limits::CALLBACKS_PER_POLL)
    }

    /// Begins again at a look at the backend.
    fn restart(&self, at: Time) {
        self.callbacks.set(0);
        self.clocked.set(0);
        self.at.set(at);
        self.now.set(at);
    }
}
