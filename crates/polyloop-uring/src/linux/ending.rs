//! Closing and detaching.
//!
//! Both make the key stale at once, end what is in flight, and act when nothing is left: the
//! descriptor is closed, or given back, only when no entry of the ring uses it.

use std::rc::Rc;

use polyloop_core::{
    CloseMode, Completion, Detached, ErrorKind, Key, Op, OpId, OpKind, Output, Result, Submission,
    Token,
};

use crate::linux::UringLoop;
use crate::linux::accept::accepted;
use crate::linux::record::Record;
use crate::linux::resource::{Resource, Side};

impl UringLoop {
    /// Closes or detaches.
    pub(crate) fn end(&mut self, op: Op, token: Token) -> Submission {
        let key = op.key().expect("close and detach name a key");
        let is_quiet = self.resources.get(key).is_some_and(Resource::is_quiet);
        if is_quiet && self.done.is_empty() {
            let result = self.conclude(key, op.kind());
            return Submission::Done(Completion::terminal(token, result, op));
        }
        let aborts = matches!(op, Op::Close { mode: CloseMode::Abort, .. });
        let id = self.records.insert(Record::of_caller(&mut self.kernel.spares, token, op));
        self.ops += 1;
        self.ending += 1;
        if let Some(resource) = self.resources.get_mut(key) {
            resource.ending.set(id);
        }
        self.await_soon(key);
        self.stop_receive(key);
        self.unwatch_hang_up(key);
        self.cancel_lane(key, Side::Inward);
        self.cancel_unordered(key, aborts);
        if aborts {
            self.cancel_lane(key, Side::Outward);
        }
        self.settle(key);
        Submission::Queued(id)
    }

    /// Ends what a close or detach waits for.
    pub(crate) fn hurry(&mut self, key: Key) {
        self.cancel_unordered(key, true);
        self.cancel_lane(key, Side::Outward);
    }

    /// Closes or detaches the resource if that was asked for and nothing is in flight any more.
    pub(crate) fn settle(&mut self, key: Key) {
        let Some(resource) = self.resources.get(key) else { return };
        let Some(id) = resource.ending.get().filter(|_| resource.is_quiet()) else { return };
        let kind = self.records.get(id).and_then(Record::kind).unwrap_or(OpKind::Close);
        let result = self.conclude(key, kind);
        self.ending -= 1;
        self.finish(id, result);
    }

    /// Asks every op of an ordered lane to end; they do so in order.
    fn cancel_lane(&mut self, key: Key, side: Side) {
        let is_dropped = side == Side::Outward && self.cancel_soon(key);
        let Some(resource) = self.resources.get_mut(key) else { return };
        let is_read = side == Side::Inward && resource.cancel_subscription();
        let head = resource.lane(side).head();
        let mut cursor = head;
        while let Some(id) = cursor {
            if let Some(record) = self.records.get_mut(id) {
                let was_canceled = std::mem::replace(&mut record.canceled, true);
                if record.held.is_in_kernel() && !was_canceled {
                    self.kernel.cancel(id);
                }
            }
            cursor = self.behind(key, side, id);
        }
        if head.is_some() || is_read || is_dropped {
            self.advance(key, side);
        }
    }

    /// Asks polls and reads to end, and `all` else that is unordered.
    fn cancel_unordered(&mut self, key: Key, all: bool) {
        let side = Side::Unordered;
        let mut cursor = self.resources.get(key).and_then(|resource| resource.lane(side).head());
        while let Some(id) = cursor {
            cursor = self.behind(key, side, id);
            let is_outward = matches!(
                self.records.get(id).and_then(Record::kind),
                Some(OpKind::WriteAt | OpKind::WriteVectoredAt | OpKind::Truncate | OpKind::Sync)
            );
            if all || !is_outward {
                self.cancel_op(id);
            }
        }
    }

    fn behind(&self, key: Key, side: Side, id: OpId) -> Option<OpId> {
        self.resources.get(key)?.lane(side).behind(&self.records, id)
    }

    /// Takes the resource out, to close it or to give it back.
    fn conclude(&mut self, key: Key, kind: OpKind) -> Result<Output> {
        let mut resource = self.resources.remove(key).ok_or(ErrorKind::StaleKey)?;
        if kind != OpKind::Detach {
            // Dropping the last holder of the handle closes it.
            return Ok(Output::Done);
        }
        // The handle goes to its owner as it was, if that can be done at all.
        let _ = polyloop_os::set_blocking(&resource.handle, resource.restore);
        let unread = resource.inbound.take_bytes();
        let stash = resource.rare_mut().map(|rare| std::mem::take(&mut rare.stash));
        let taken = stash.into_iter().flatten().map(|it| accepted(&resource.handle, it)).collect();
        let handle = Rc::into_inner(resource.handle).expect("nothing is in flight");
        let mut detached = Detached::new(handle, unread);
        detached.accepted = taken;
        Ok(Output::Detached(Box::new(detached)))
    }
}
