//! The ops that keep an order: one is attempted when it becomes the first of its lane.

use polyloop_core::{Batch, Completion, ErrorKind, Key, Op, Output, Submission, Token, limits};
use polyloop_os::{Blocking, HandleKind};

use crate::attempt::{Step, accept, attempt};
use crate::engine::Engine;
use crate::op_table::{Flight, Place};
use crate::resource::{Direction, Resource};
use crate::selector::Selector;

impl<S: Selector> Engine<S> {
    /// Attempts an op if none is before it, and else, or if it would block, queues it.
    pub(crate) fn submit_in_lane(
        &mut self,
        key: Key,
        op: Op,
        token: Token,
        direction: Direction,
    ) -> Submission {
        let place = match direction {
            Direction::Inward => Place::Inward,
            Direction::Outward => Place::Outward,
        };
        let mut flight = Flight::new(op, token, place);
        flight.source = flight.source_key().and_then(|key| self.share(key));
        let resource = self.live_mut(key).expect("checked by submit");
        let is_inward = direction == Direction::Inward;
        if is_inward && resource.subscription.is_some() {
            return Submission::Done(flight.complete(Err(ErrorKind::Busy.into())));
        }
        if !is_inward
            && resource.failed_soon
            && let Some(error) = self.take_failed_soon(key)
        {
            return Submission::Done(flight.complete(Err(error)));
        }
        let resource = self.live_mut(key).expect("checked by submit");
        let is_first = resource.lane(direction).ops.is_empty();
        if is_first && may_attempt(resource, direction, &flight) {
            let op = flight.op.as_mut().expect("no thread has it");
            let is_accept = matches!(op, Op::Accept { .. });
            let (progress, source) = (&mut flight.progress, flight.source.as_deref());
            match self.step(key, is_accept, |resource| attempt(op, progress, source, resource)) {
                Step::Done(result) => return self.answer(flight, result),
                Step::Accepted(..) => unreachable!("`step` adopts what was accepted"),
                Step::Exhausted => self.pause_accepting(key),
                Step::Later => self.pause_for_peer(key),
                Step::Again => self.mark_ready(key),
                Step::Blocked => {}
            }
        }
        self.begin_source(&flight);
        let resource = self.resources.get_mut(key).expect("it was live above");
        let id = self.ops.insert_last(&mut resource.lane_mut(direction).ops, flight);
        if let Err(error) = self.watch(key) {
            let resource = self.resources.get_mut(key).expect("it was live above");
            let list = &mut resource.lane_mut(direction).ops;
            let mut flight = self.ops.remove_from(list, id).expect("queued just now");
            let source = flight.release_source();
            let submission = self.answer(flight, Err(error));
            self.end_source(source);
            return submission;
        }
        Submission::Queued(id)
    }

    /// Does what is possible now in one lane; stops when the batch is full.
    ///
    /// Tells whether the lane has to be looked at again without an event.
    pub(crate) fn serve_lane(&mut self, key: Key, direction: Direction, batch: &mut Batch) -> bool {
        loop {
            let is_full = !self.has_room(1);
            let Some(resource) = self.resources.get_mut(key) else { return false };
            let Some(id) = resource.lane(direction).ops.first() else { return false };
            let flight = self.ops.get_mut(id).expect("lanes hold ops in flight");
            if !may_attempt(resource, direction, flight) {
                return false;
            }
            if batch.is_full() {
                return true;
            }
            let op = flight.op.as_mut().expect("no thread has an op of a lane");
            if matches!(op, Op::Accept { .. }) && is_full {
                self.pause_accepting(key);
                return false;
            }
            let source = flight.source.as_deref();
            let step = attempt(op, &mut flight.progress, source, resource);
            match self.adopt_accepted(step) {
                Step::Done(result) => {
                    let resource = self.resources.get_mut(key).expect("served just now");
                    let list = &mut resource.lane_mut(direction).ops;
                    let mut flight = self.ops.remove_from(list, id).expect("it was the first");
                    if flight.is_own {
                        resource.gathers = false;
                        self.sent_soon(flight, result);
                        continue;
                    }
                    let source = flight.release_source();
                    batch.push(flight.complete(result)).expect("the batch was not full");
                    self.end_source(source);
                }
                Step::Accepted(..) => unreachable!("it was adopted"),
                Step::Blocked => return false,
                Step::Again => return true,
                Step::Exhausted => {
                    self.pause_accepting(key);
                    return false;
                }
                Step::Later => {
                    self.pause_for_peer(key);
                    return false;
                }
            }
        }
    }

    /// Takes connections for a multishot accept, within its budget and the batch.
    ///
    /// Tells whether the listener has to be looked at again without an event.
    pub(crate) fn serve_accept_multi(&mut self, key: Key, batch: &mut Batch) -> bool {
        for _ in 0..limits::ACCEPTS_PER_TURN {
            let Some(resource) = self.resources.get_mut(key) else { return false };
            let Some(subscription) = resource.subscription else { return false };
            if resource.inward.paused || resource.is_known_blocked(Direction::Inward) {
                return false;
            }
            if batch.is_full() {
                return true;
            }
            match self.step(key, true, accept) {
                Step::Done(Ok(output)) => {
                    let completion = Completion::more(subscription.token(), output);
                    batch.push(completion).expect("the batch was not full");
                }
                Step::Done(Err(error)) => {
                    if let Some(completion) = self.end_subscription(key, error) {
                        batch.push(completion).expect("the batch was not full");
                    }
                    return false;
                }
                Step::Accepted(..) => unreachable!("`step` adopts what was accepted"),
                Step::Blocked | Step::Later => return false,
                Step::Again => return true,
                Step::Exhausted => {
                    self.pause_accepting(key);
                    return false;
                }
            }
        }
        true
    }

    /// Attempts something, and takes on what it accepted; within the bound of resources.
    fn step(
        &mut self,
        key: Key,
        is_accept: bool,
        attempt: impl FnOnce(&mut Resource) -> Step,
    ) -> Step {
        if is_accept && !self.has_room(1) {
            return Step::Exhausted;
        }
        let Some(resource) = self.resources.get_mut(key) else {
            return Step::Done(Err(ErrorKind::StaleKey.into()));
        };
        let step = attempt(resource);
        self.adopt_accepted(step)
    }

    fn adopt_accepted(&mut self, step: Step) -> Step {
        match step {
            Step::Accepted(handle, peer) => {
                let key = self.adopt(handle, HandleKind::Stream, Blocking::Yes);
                if let Some(resource) = self.resources.get_mut(key) {
                    resource.peer = peer.into();
                }
                Step::Done(Ok(Output::Accepted(key)))
            }
            step => step,
        }
    }
}

/// Tells whether the first op of a lane may succeed now.
fn may_attempt(resource: &Resource, direction: Direction, flight: &Flight) -> bool {
    if resource.lane(direction).paused {
        return false;
    }
    if direction == Direction::Inward && resource.inbound.is_readable() {
        return true;
    }
    let waits = match &flight.op {
        Some(Op::Shutdown { .. }) => false,
        Some(Op::Connect { .. }) => flight.progress > 0,
        // No event tells of a room that is the peer's.
        Some(Op::SendTo { address, .. }) => address.as_ip().is_some(),
        Some(Op::Send { buffer, .. }) => !buffer.is_empty(),
        Some(Op::SendFile { len, .. }) => *len > 0,
        _ => true,
    };
    !waits || !resource.is_known_blocked(direction)
}
