//! Close, detach and cancel: how ops and resources end before their time.

use std::time::Duration;

use polyloop_core::{
    CloseMode, Closed, Detached, Error, ErrorKind, Inbound, Key, Op, OpId, OsHandle, Output,
    Result, Submission, Token,
};

use crate::engine::{Engine, again};
use crate::op_table::{Flight, Place};
use crate::resource::{Direction, Watch};
use crate::selector::Selector;
use crate::subscription::subscribed;
use crate::tag::Tag;

impl<S: Selector> Engine<S> {
    /// Asks for an op to end soon; see [`EventLoop::cancel`](polyloop_core::EventLoop::cancel).
    pub(crate) fn cancel(&mut self, id: OpId) {
        if let Some(position) = subscribed(id) {
            return self.cancel_subscription(position, id);
        }
        let Some(flight) = self.ops.get(id) else { return };
        let key = flight.key;
        match flight.place {
            Place::Running => {}
            Place::Ending => {
                self.end_outward(key, &ErrorKind::Canceled.into());
                self.end_jobs(key, |_| true);
                self.end_if_flushed(key);
            }
            _ => {
                self.end_op(id, ErrorKind::Canceled.into());
                // The op behind it may not have to wait for what this one waited for.
                self.mark_ready(key);
                self.end_if_flushed(key);
            }
        }
    }

    /// Ends every op of a key, then its resource.
    pub(crate) fn submit_ending(&mut self, key: Key, op: Op, token: Token) -> Submission {
        self.send_gathered_of(key);
        let aborts = matches!(op, Op::Close { mode: CloseMode::Abort, .. });
        let canceled = Error::new(ErrorKind::Canceled);
        self.end_inward(key, &canceled);
        let reads =
            |op: &Op| matches!(op, Op::ReadAt { .. } | Op::ReadVectoredAt { .. } | Op::Stat { .. });
        self.end_jobs(key, |op| aborts || reads(op));
        if aborts {
            self.end_outward(key, &canceled);
        }
        let flight = Flight::new(op, token, Place::Ending);
        let resource = self.resources.get_mut(key).expect("checked by submit");
        if !resource.is_flushed() {
            let id = self.ops.insert(flight);
            self.resources.get_mut(key).expect("it was there above").ending = id;
            self.ending += 1;
            return Submission::Queued(id);
        }
        let result = self.end_resource(key, &flight);
        if self.outbox.is_empty() {
            return Submission::Done(flight.complete(result));
        }
        // Completions of the key may be waiting: this one is its last.
        let (id, flight) = self.ops.mint_stale(flight);
        self.post(flight.complete(result));
        Submission::Queued(id)
    }

    /// Ends a resource whose close has waited for what has now ended.
    pub(crate) fn end_if_flushed(&mut self, key: Key) {
        let Some(resource) = self.resources.get(key) else { return };
        if !resource.is_ending() || !resource.is_flushed() {
            return;
        }
        let flight = self.ops.remove(resource.ending).expect("it ends with its resource");
        self.ending -= 1;
        let result = self.end_resource(key, &flight);
        self.post(flight.complete(result));
    }

    /// Ends every op of a resource with one error, because it can no longer be watched.
    pub(crate) fn fail_resource(&mut self, key: Key, error: &Error) {
        self.end_inward(key, error);
        self.end_outward(key, error);
        self.end_if_flushed(key);
    }

    /// Ends every op with one error, because the wait itself failed. What threads work on
    /// ends in its own time.
    pub(crate) fn fail_all(&mut self, error: &Error) {
        for id in self.ops.ids() {
            let Some(flight) = self.ops.get(id) else { continue };
            let key = flight.key;
            if !matches!(flight.place, Place::Running | Place::Ending) {
                self.end_op(id, again(error));
                self.end_if_flushed(key);
            }
        }
        for key in self.resources.keys() {
            self.post_subscription_end(key, again(error));
        }
    }

    /// Ends the loop: everything is cancelled, and what threads work on is waited for.
    ///
    /// What they have not given back they own, so dropping the engine leaks it to them.
    pub(crate) fn close(mut self, grace: Duration) -> Closed {
        let running = self.jobs.running;
        self.send_gathered();
        let others = self.ops_of_callers() - running;
        let (ended, late) = self.jobs.wait_all(grace);
        debug_assert_eq!(ended + late, running);
        Closed::new(others + ended, late)
    }

    /// Ends the registration of a resource, which precedes the end of its handle.
    pub(crate) fn unwatch(&mut self, key: Key) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        if resource.watch == Watch::Absent {
            return;
        }
        resource.watch = Watch::Absent;
        // A failure leaves nothing to do: the descriptor is closed next, and what the kernel may
        // still tell of it carries a tag that is stale.
        let _ = self.selector.deregister(resource.handle.as_os(), Tag::of(key));
    }

    /// Ends one op with an error, wherever it waits; not one that runs or ends a resource.
    fn end_op(&mut self, id: OpId, error: Error) {
        let Some(flight) = self.ops.get(id) else { return };
        let key = flight.key;
        let place = flight.place;
        if place == Place::Offloaded {
            return self.withdraw_job(id, error);
        }
        let Some(resource) = self.resources.get_mut(key) else { return };
        let flight = match place {
            Place::Inward => self.ops.remove_from(&mut resource.inward.ops, id),
            Place::Outward => self.ops.remove_from(&mut resource.outward.ops, id),
            Place::Polls => self.ops.remove_from(&mut resource.polls, id),
            Place::Offloaded | Place::Running | Place::Ending => None,
        };
        let mut flight = flight.expect("an op that waits is in flight");
        let source = flight.release_source();
        let gone = match &flight.op {
            Some(Op::Send { .. } | Op::SendVectored { .. } | Op::SendFile { .. }) => {
                flight.progress
            }
            _ => 0,
        };
        if flight.is_own {
            return self.sent_soon(flight, Err(error));
        }
        self.post(flight.complete(Err(error.after_transferring(gone))));
        self.end_source(source);
    }

    fn end_inward(&mut self, key: Key, error: &Error) {
        while let Some(id) = self.resources.get(key).and_then(|r| r.inward.ops.first()) {
            self.end_op(id, again(error));
        }
        while let Some(id) = self.resources.get(key).and_then(|r| r.polls.first()) {
            self.end_op(id, again(error));
        }
        self.post_subscription_end(key, again(error));
    }

    fn end_outward(&mut self, key: Key, error: &Error) {
        while let Some(id) =
            self.resources.get(key).and_then(|r| r.lane(Direction::Outward).ops.first())
        {
            self.end_op(id, again(error));
        }
    }

    /// Ends those jobs of a file that no thread has begun, where `which` says so.
    fn end_jobs(&mut self, key: Key, which: impl Fn(&Op) -> bool) {
        if self.resources.get(key).is_none_or(|resource| resource.jobs == 0) {
            return;
        }
        let waiting: Vec<OpId> = self.jobs.waiting.iter().copied().collect();
        for id in waiting {
            let Some(flight) = self.ops.get(id) else { continue };
            if flight.key == key && flight.op.as_ref().is_some_and(&which) {
                self.withdraw_job(id, ErrorKind::Canceled.into());
            }
        }
    }

    /// Takes a resource out of the table, and closes its handle or gives it back.
    fn end_resource(&mut self, key: Key, flight: &Flight) -> Result<Output> {
        self.unwatch(key);
        self.take_failed_soon(key);
        let resource = self.resources.remove(key).expect("the caller has it");
        if !matches!(flight.op, Some(Op::Detach { .. })) {
            if resource.lingers {
                // close(2) waits then, also on Linux for a descriptor that does not.
                blocking::unblock(move || drop(resource.into_handle())).detach();
            }
            return Ok(Output::Done);
        }
        let restore = resource.restore();
        let (handle, mut inbound) = resource.into_handle();
        detach(handle, &mut inbound, restore)
    }
}

/// Makes a handle what it was before it was attached.
fn detach(
    handle: OsHandle,
    inbound: &mut Inbound,
    restore: polyloop_os::Blocking,
) -> Result<Output> {
    // Fails for a handle that is broken anyway; who gets it back finds out.
    let _ = polyloop_os::set_blocking(&handle, restore);
    Ok(Output::Detached(Box::new(Detached::new(handle, inbound.take_bytes()))))
}
