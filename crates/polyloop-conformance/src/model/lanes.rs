use polyloop_core::{Error, ErrorKind, Interest, Key, Op, OpId, Output, Result};

use super::flaw::Flaw;
use super::resource::{Body, Resource};
use super::world::World;

/// Where an op waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lane {
    Inward,
    Outward,
    Poll,
    Job,
    Close,
}

/// What the front of a lane came to.
pub(super) enum Step {
    /// It has ended so.
    Ended(Result<Output>),
    /// It waits.
    Waits,
}

impl World {
    /// Puts a new op where it waits, and touches its key.
    pub(super) fn enter_lane(&mut self, id: OpId) {
        let op = &self.ops.get(id).expect("a new op").op;
        let key = op.key().expect("an op with a lane has a key");
        let lane = lane_of(op);
        let lifo = self.flaw == Some(Flaw::LastInFirstOut);
        let resource = self.resources.get_mut(key).expect("an admitted op has a resource");
        match lane {
            Lane::Inward if lifo => resource.inward.push_front(id),
            Lane::Inward => resource.inward.push_back(id),
            Lane::Outward => enter_outward(self.flaw, op, resource, id),
            Lane::Poll => resource.polls.push(id),
            Lane::Job => {
                resource.jobs.push(id);
                self.disk.queue(id);
            }
            Lane::Close => self.begin_close(key, id),
        }
        self.touch(key);
    }

    /// Lets the ops of a key go on as far as they can.
    pub(super) fn advance(&mut self, key: Key) {
        self.advance_inward(key);
        self.advance_outward(key);
        self.tell_polls(key);
        self.advance_close(key);
    }

    /// Ends an op early, if it has not ended.
    pub(super) fn cancel(&mut self, id: OpId) {
        let Some(pending) = self.ops.get(id) else { return };
        let Some(key) = pending.op.key() else { return };
        let (lane, progress) = (lane_of(&pending.op), pending.progress);
        if lane == Lane::Close {
            self.hurry_close(key);
        } else {
            let resource = self.resources.get_mut(key).expect("a lane's resource is there");
            match lane {
                Lane::Inward => resource.inward.retain(|other| *other != id),
                Lane::Outward => resource.outward.retain(|other| *other != id),
                Lane::Poll => resource.polls.retain(|other| *other != id),
                Lane::Job => resource.jobs.retain(|other| *other != id),
                Lane::Close => unreachable!("handled above"),
            }
            self.cancel_goes_wrong(key, id);
            self.network_forgets(key, id);
            self.complete_canceled(id, progress);
            if self.flaw == Some(Flaw::CancelTakesRow) {
                self.cancel_lane(key, lane);
            }
        }
        self.touch(key);
        self.settle();
    }

    /// Drops what a cancelled op of the inward direction might have taken; only flaws do.
    fn cancel_goes_wrong(&mut self, key: Key, id: OpId) {
        let watch = self.ops.get(id).is_some_and(|found| matches!(found.op, Op::RecvMulti { .. }));
        let (flaw, resource) = (self.flaw, self.resources.get_mut(key).expect("its lane is there"));
        if let Body::Listener(listener) = &mut resource.body
            && flaw == Some(Flaw::LateAcceptDropped)
        {
            listener.drops_next = true;
        }
        if let Some(inflow) = resource.inflow_mut()
            && watch
            && flaw == Some(Flaw::CancelLosesAhead)
        {
            inflow.ahead.clear();
        }
    }

    /// Ends an op that has left its lane as cancelled.
    pub(super) fn complete_canceled(&mut self, id: OpId, progress: usize) {
        let transferred = if self.flaw == Some(Flaw::TransferredForgotten) { 0 } else { progress };
        let error = Error::new(ErrorKind::Canceled).after_transferring(transferred);
        self.complete(id, Err(error));
    }

    /// Tells how the row of one direction ends.
    fn cancel_lane(&mut self, key: Key, lane: Lane) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        let row = match lane {
            Lane::Inward => std::mem::take(&mut resource.inward),
            Lane::Outward => std::mem::take(&mut resource.outward),
            _ => return,
        };
        row.into_iter().for_each(|id| self.complete_canceled(id, 0));
    }

    fn advance_inward(&mut self, key: Key) {
        while let Some(id) = self.resources.get(key).and_then(|found| found.inward.front().copied())
        {
            let Step::Ended(result) = self.step_inward(key, id) else { return };
            self.resources.get_mut(key).expect("still there").inward.pop_front();
            self.complete(id, result);
        }
    }

    fn step_inward(&mut self, key: Key, id: OpId) -> Step {
        let pending = self.ops.get_mut(id).expect("an op in a lane is in flight");
        match &mut pending.op {
            Op::Accept { .. } => self.step_accept(key),
            Op::AcceptMulti { .. } => self.step_accept_multi(key, id),
            Op::RecvMulti { .. } => self.step_recv_multi(key, id),
            Op::Recv { buffer, .. } => {
                let mut buffer = std::mem::take(buffer);
                let step = self.step_recv(key, &mut buffer);
                self.put_buffer_back(id, buffer);
                step
            }
            Op::RecvFrom { buffer, .. } => {
                let mut buffer = std::mem::take(buffer);
                let step = self.step_recv_from(key, &mut buffer);
                self.put_buffer_back(id, buffer);
                step
            }
            other => unreachable!("{} has no place in the inward lane", other.kind().name()),
        }
    }

    fn put_buffer_back(&mut self, id: OpId, filled: polyloop_core::Buffer) {
        let pending = self.ops.get_mut(id).expect("an op in a lane is in flight");
        if let Op::Recv { buffer, .. } | Op::RecvFrom { buffer, .. } = &mut pending.op {
            *buffer = filled;
        }
    }

    fn advance_outward(&mut self, key: Key) {
        while let Some(id) =
            self.resources.get(key).and_then(|found| found.outward.front().copied())
        {
            let Step::Ended(result) = self.step_outward(key, id) else {
                if self.flaw == Some(Flaw::SendsInterleave) {
                    self.rotate_outward(key);
                }
                return;
            };
            self.resources.get_mut(key).expect("still there").outward.pop_front();
            self.complete(id, result);
        }
    }

    fn step_outward(&mut self, key: Key, id: OpId) -> Step {
        match &self.ops.get(id).expect("an op in a lane is in flight").op {
            Op::Connect { address, .. } => {
                let address = address.clone();
                self.step_connect(key, &address)
            }
            Op::Shutdown { how, .. } => {
                let how = *how;
                Step::Ended(self.shutdown(key, how))
            }
            Op::SendTo { .. } => self.step_send_to(key, id),
            Op::Send { .. } | Op::SendVectored { .. } => self.step_send(key, id),
            Op::SendFile { .. } => self.step_send_file(key, id),
            other => unreachable!("{} has no place in the outward lane", other.kind().name()),
        }
    }

    /// Lets the next send have its turn before the first is whole.
    fn rotate_outward(&mut self, key: Key) {
        if let Some(resource) = self.resources.get_mut(key)
            && resource.outward.len() > 1
        {
            resource.outward.rotate_left(1);
        }
    }

    /// Tells whether somebody may try to receive into `buf` now.
    pub(super) fn check_attempt(&self, resource: &Resource, buf: &[u8]) -> Result<()> {
        if buf.is_empty() && self.flaw != Some(Flaw::EmptyReadAttempted) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if self.inward_waits(resource) {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(())
    }

    /// Tells whether a call in between would overtake ops of the inward direction.
    pub(super) fn inward_waits(&self, resource: &Resource) -> bool {
        let first = resource.inward.front().and_then(|id| self.ops.get(*id));
        self.flaw != Some(Flaw::TryRecvOvertakes)
            && first.is_some_and(|pending| !matches!(pending.op, Op::RecvMulti { .. }))
    }

    pub(super) fn outward_waits(&self, resource: &Resource) -> bool {
        self.flaw != Some(Flaw::TrySendOvertakes) && !resource.outward.is_empty()
    }

    /// Tells which readiness a key has now.
    pub(super) fn readiness(&self, key: Key) -> Interest {
        let Some(resource) = self.resources.get(key) else { return Interest::NONE };
        let mut ready = Interest::NONE;
        if self.is_readable(resource) {
            ready |= Interest::READABLE;
        }
        if self.is_writable(resource) {
            ready |= Interest::WRITABLE;
        }
        ready
    }

    fn is_readable(&self, resource: &Resource) -> bool {
        match &resource.body {
            Body::Listener(listener) => !listener.backlog.is_empty(),
            Body::Datagram(socket) => !socket.inbox.is_empty(),
            _ if self.flaw == Some(Flaw::PollIgnoresUnread) => {
                resource.inflow().is_some_and(|inflow| inflow.wire.borrow().is_readable())
            }
            _ => resource.inflow().is_some_and(|inflow| inflow.is_readable()),
        }
    }

    fn is_writable(&self, resource: &Resource) -> bool {
        match &resource.body {
            Body::Datagram(_) => true,
            _ => resource.outgoing().is_some_and(|wire| wire.borrow().is_writable()),
        }
    }
}

fn enter_outward(flaw: Option<Flaw>, op: &Op, resource: &mut Resource, id: OpId) {
    let first = flaw == Some(Flaw::LastOutFirst)
        || (flaw == Some(Flaw::ShutdownOvertakes) && matches!(op, Op::Shutdown { .. }));
    if first && !resource.outward.is_empty() {
        // The front may have begun; what overtakes it comes before all that have not.
        resource.outward.insert(usize::from(flaw == Some(Flaw::LastOutFirst)), id);
    } else {
        resource.outward.push_back(id);
    }
}

fn lane_of(op: &Op) -> Lane {
    match op {
        Op::Accept { .. }
        | Op::AcceptMulti { .. }
        | Op::Recv { .. }
        | Op::RecvMulti { .. }
        | Op::RecvFrom { .. } => Lane::Inward,
        Op::Poll { .. } | Op::PollMulti { .. } => Lane::Poll,
        Op::ReadAt { .. } | Op::WriteAt { .. } | Op::Sync { .. } => Lane::Job,
        Op::ReadVectoredAt { .. } | Op::WriteVectoredAt { .. } => Lane::Job,
        Op::Truncate { .. } | Op::Stat { .. } => Lane::Job,
        Op::Close { .. } => Lane::Close,
        _ => Lane::Outward,
    }
}
