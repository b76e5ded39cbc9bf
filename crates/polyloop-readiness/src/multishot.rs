//! Multishot receives and accepts: one subscription of a resource.

use polyloop_core::{Batch, Completion, ErrorKind, Interest, Key, Op, Output, Submission, Token};

use polyloop_os::HandleKind;

use crate::engine::Engine;
use crate::op_table::{Flight, NOBODY, OpTable, Place};
use crate::resource::{Flow, Resource, Watch};
use crate::selector::Selector;

impl<S: Selector> Engine<S> {
    /// Subscribes to a stream or a listener.
    pub(crate) fn submit_multi(&mut self, key: Key, op: Op, token: Token) -> Submission {
        let is_receive = matches!(op, Op::RecvMulti { .. });
        let flight = Flight::new(op, token, Place::Multishot);
        let resource = self.live_mut(key).expect("checked by submit");
        if resource.multishot != NOBODY || !resource.inward.ops.is_empty() {
            return Submission::Done(flight.complete(Err(ErrorKind::Busy.into())));
        }
        resource.told = false;
        let id = self.ops.insert(flight);
        self.resources.get_mut(key).expect("it was live above").multishot = id;
        let watched = if is_receive { self.begin_receive(key) } else { self.watch(key) };
        if let Err(error) = watched {
            self.resources.get_mut(key).expect("it was live above").multishot = NOBODY;
            let flight = self.ops.remove(id).expect("inserted just now");
            return Submission::Done(flight.complete(Err(error)));
        }
        if !is_receive {
            // Attempted by the next turn, which has a batch for what comes.
            self.mark_ready(key);
        }
        Submission::Queued(id)
    }

    /// Tells the reader at once if there is something already, and else watches for it.
    fn begin_receive(&mut self, key: Key) -> polyloop_core::Result<()> {
        let resource = self.resources.get_mut(key).expect("the caller has it");
        let mut is_readable = resource.inbound.is_readable();
        // A registration that is made or armed below tells of what is there. One that stands told of it
        // before.
        let is_unknown = resource.watch == Watch::Standing && resource.inward.flow == Flow::Open;
        if !is_readable && is_unknown {
            let found = polyloop_os::poll_now(resource.handle.as_os(), Interest::READABLE)?;
            is_readable = found.is_readable();
            resource.inward.flow = if is_readable { Flow::Open } else { Flow::Blocked };
        }
        // Registered in any case: what is found to be there may be a part.
        if is_readable {
            self.tell_readable(key);
        }
        self.watch(key)
    }

    /// Tells the reader of an active multishot receive, once, from outside of a turn.
    pub(crate) fn tell_readable(&mut self, key: Key) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        if let Some(completion) = take_readable(resource, &self.ops) {
            self.post(completion);
        }
    }

    /// Does what the resource's subscription, if there is one, wants done now.
    ///
    /// Tells whether it has to be looked at again without an event.
    pub(crate) fn serve_multi(&mut self, key: Key, batch: &mut Batch) -> bool {
        let Some(resource) = self.resources.get_mut(key) else { return false };
        match (resource.multishot, resource.kind) {
            (NOBODY, _) => false,
            (_, HandleKind::Listener) => self.serve_accept_multi(key, batch),
            _ => serve_receive_multi(resource, &self.ops, batch),
        }
    }

    /// Notes that a reader met *would block*: the next event tells *readable* again.
    pub(crate) fn note_drained(&mut self, key: Key) -> polyloop_core::Result<()> {
        let Some(resource) = self.resources.get_mut(key) else { return Ok(()) };
        if resource.multishot == NOBODY || !resource.told {
            return Ok(());
        }
        resource.told = false;
        if resource.watch == Watch::Standing { Ok(()) } else { self.watch(key) }
    }
}

/// Tells the reader of an active multishot receive that an event has come; answers whether the
/// batch was too full for that.
#[inline]
pub(crate) fn serve_receive_multi(
    resource: &mut Resource,
    ops: &OpTable,
    batch: &mut Batch,
) -> bool {
    if !resource.news.is_readable() && !resource.inbound.is_readable() {
        return false;
    }
    if batch.is_full() {
        return !resource.told;
    }
    if let Some(completion) = take_readable(resource, ops) {
        batch.push(completion).expect("the batch was not full");
    }
    false
}

#[inline]
fn take_readable(resource: &mut Resource, ops: &OpTable) -> Option<Completion> {
    if resource.multishot == NOBODY || resource.told {
        return None;
    }
    let flight = ops.get(resource.multishot).expect("a multishot op is in flight");
    if !matches!(flight.op, Some(Op::RecvMulti { .. })) {
        return None;
    }
    resource.told = true;
    Some(Completion::more(flight.token, Output::Readable))
}
