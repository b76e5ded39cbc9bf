use std::time::Duration;

use polyloop_core::{Batch, Interest, Key, Time, Turned, WakeGate, limits};

use crate::engine::Engine;
use crate::multishot::serve_receive_multi;
use crate::resource::Direction;
use crate::selector::{Selector, Trigger};

impl<S: Selector> Engine<S> {
    /// One turn: at most one wait, then each resource that an event or earlier work has made
    /// ready is served once, as far as the batch goes.
    pub(crate) fn turn(&mut self, deadline: Time, batch: &mut Batch, gate: &WakeGate) -> Turned {
        self.send_gathered();
        self.deliver(batch);
        let has_found = !batch.is_full() && self.wait(deadline, batch.is_empty(), gate);
        let woken = gate.end_wait();
        self.collect_jobs();
        if !self.pauses.is_empty() {
            self.end_pauses();
        }
        self.deliver(batch);
        if has_found {
            self.note_events(batch);
        }
        for _ in 0..self.ready.len() {
            if batch.is_full() {
                break;
            }
            let Some(key) = self.ready.pop_front() else { break };
            self.serve(key, batch);
        }
        self.deliver(batch);
        Turned::new(woken, self.has_work())
    }

    /// Tells whether a turn would do something without an event.
    pub(crate) fn has_work(&self) -> bool {
        !self.outbox.is_empty() || !self.ready.is_empty()
    }

    /// Waits for events, not at all if there is something to deliver or to do already. Tells whether it has
    /// found which there are.
    fn wait(&mut self, deadline: Time, is_idle: bool, gate: &WakeGate) -> bool {
        let mut may_block = is_idle && !self.has_work() && deadline != Time::ZERO;
        may_block = may_block && gate.begin_wait() && self.jobs.begin_wait();
        let deadline = deadline.min(self.next_deadline());
        loop {
            let timeout = if may_block { self.clock.until(deadline) } else { Some(Duration::ZERO) };
            match self.selector.select(timeout) {
                Ok(()) => return true,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.fail_all(&error.into());
                    if self.outbox.is_empty() && may_block {
                        // It will fail again, and nobody is left to be told: an idle loop
                        // whose selector is broken must not spin.
                        let until = self.clock.until(deadline).unwrap_or(Duration::MAX);
                        std::thread::sleep(until.min(limits::ACCEPT_BACKOFF));
                    }
                    return false;
                }
            }
        }
    }

    /// Notes at each resource what the selector has told, and queues it to be served. What is only
    /// received from is served at once, unless somebody waits to be served before it.
    fn note_events(&mut self, batch: &mut Batch) {
        let trigger = self.selector.trigger();
        for event in self.selector.found() {
            let Some(key) = event.tag.key_in(&self.resources) else { continue };
            let Some(resource) = self.resources.get_mut(key) else { continue };
            resource.note_event(event.ready, event.closed, trigger);
            if trigger == Trigger::Edge
                && self.ready.is_empty()
                && resource.is_only_received()
                && !serve_receive_multi(resource, event.ready, batch)
            {
                resource.news = Interest::NONE;
                continue;
            }
            resource.news |= event.ready;
            if !std::mem::replace(&mut resource.is_ready, true) {
                self.ready.push_back(key);
            }
        }
    }

    /// Does what is possible now with one resource.
    fn serve(&mut self, key: Key, batch: &mut Batch) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        resource.is_ready = false;
        // Most have a subscription and nothing else.
        if self.selector.trigger() == Trigger::Edge && resource.is_only_received() {
            if serve_receive_multi(resource, resource.news, batch) {
                self.mark_ready(key);
            } else {
                resource.news = Interest::NONE;
            }
            return;
        }
        // What is served here queues nothing more.
        let has_polls = !resource.polls.is_empty();
        let has_outward = !resource.outward.ops.is_empty();
        let mut again = false;
        if !resource.inward.ops.is_empty() {
            again |= self.serve_lane(key, Direction::Inward, batch);
        }
        again |= self.serve_multi(key, batch);
        if has_outward {
            again |= self.serve_lane(key, Direction::Outward, batch);
        }
        if has_polls {
            again |= self.serve_polls(key, batch);
        }
        if again {
            self.mark_ready(key);
            return;
        }
        let Some(resource) = self.resources.get_mut(key) else { return };
        resource.news = Interest::NONE;
        if resource.is_ending() {
            self.end_if_flushed(key);
        }
        if self.selector.trigger() == Trigger::OneShot
            && let Err(error) = self.watch(key)
        {
            self.fail_resource(key, &error);
        }
    }
}
