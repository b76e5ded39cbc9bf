//! Multishot receives and accepts: one subscription of a resource.

use polyloop_core::{
    Batch, Completion, Error, ErrorKind, Interest, Key, Op, OpId, Output, Submission, Token,
};

use polyloop_os::HandleKind;

use crate::engine::{Engine, refuse};
use crate::resource::{Flow, Resource, Watch};
use crate::selector::Selector;
use crate::subscription::Subscription;

impl<S: Selector> Engine<S> {
    /// Subscribes to a stream or a listener.
    pub(crate) fn submit_multi(&mut self, key: Key, op: Op, token: Token) -> Submission {
        let is_receive = matches!(op, Op::RecvMulti { .. });
        let resource = self.resources.get_mut(key).expect("checked by submit");
        if resource.subscription.is_some() || !resource.inward.ops.is_empty() {
            return refuse(op, token, ErrorKind::Busy);
        }
        resource.told = false;
        let subscription = self.ops.subscriptions.add(token);
        resource.subscription = Some(subscription);
        let watched = if is_receive { self.begin_receive(key) } else { self.watch(key) };
        if let Err(error) = watched
            && let Some(completion) = self.end_subscription(key, error)
        {
            return Submission::Done(completion);
        }
        if !is_receive {
            // Attempted by the next turn, which has a batch for what comes.
            self.mark_ready(key);
        }
        Submission::Queued(subscription.id(key))
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
        if let Some(token) = take_readable(resource) {
            self.post(Completion::more(token, Output::Readable));
        }
    }

    /// Ends the subscription of a resource, if it has one, and makes its terminal completion.
    pub(crate) fn end_subscription(&mut self, key: Key, error: Error) -> Option<Completion> {
        let resource = self.resources.get_mut(key)?;
        let subscription = resource.subscription.take()?;
        let op = Subscription::op(key, resource.kind);
        self.ops.subscriptions.remove();
        Some(Completion::terminal(subscription.token(), Err(error), op))
    }

    /// Ends the subscription of a resource, if it has one, and has a later turn tell of it.
    pub(crate) fn post_subscription_end(&mut self, key: Key, error: Error) {
        if let Some(completion) = self.end_subscription(key, error) {
            self.post(completion);
        }
    }

    /// Cancels the subscription of the resource at a position, if it still has that name.
    pub(crate) fn cancel_subscription(&mut self, position: u32, id: OpId) {
        let Some(key) = self.resources.key_at(position) else { return };
        let named = self.resources.get(key).and_then(|resource| resource.subscription);
        if named.is_some_and(|subscription| subscription.id(key) == id) {
            self.post_subscription_end(key, ErrorKind::Canceled.into());
        }
    }

    /// Does what the resource's subscription, if there is one, wants done now.
    ///
    /// Tells whether it has to be looked at again without an event.
    pub(crate) fn serve_multi(&mut self, key: Key, batch: &mut Batch) -> bool {
        let Some(resource) = self.resources.get_mut(key) else { return false };
        match (resource.subscription, resource.kind) {
            (None, _) => false,
            (_, HandleKind::Listener) => self.serve_accept_multi(key, batch),
            _ => serve_receive_multi(resource, resource.news, batch),
        }
    }

    /// Notes that a reader met *would block*: the next event tells *readable* again.
    pub(crate) fn note_drained(&mut self, key: Key) -> polyloop_core::Result<()> {
        let Some(resource) = self.resources.get_mut(key) else { return Ok(()) };
        if resource.subscription.is_none() || !resource.told {
            return Ok(());
        }
        resource.told = false;
        if resource.watch == Watch::Standing { Ok(()) } else { self.watch(key) }
    }
}

/// Tells the reader of an active multishot receive what events have told; answers whether the
/// batch was too full for that.
#[inline]
pub(crate) fn serve_receive_multi(
    resource: &mut Resource,
    news: Interest,
    batch: &mut Batch,
) -> bool {
    if !news.is_readable() && !resource.inbound.is_readable() {
        return false;
    }
    if batch.is_full() {
        return !resource.told;
    }
    take_readable(resource).is_some_and(|token| !batch.push_readable(token))
}

/// Takes whom to tell *readable*, unless it was told that and has not met *would block* since.
#[inline]
fn take_readable(resource: &mut Resource) -> Option<Token> {
    let subscription = resource.subscription?;
    if resource.told || resource.kind == HandleKind::Listener {
        return None;
    }
    resource.told = true;
    Some(subscription.token())
}
