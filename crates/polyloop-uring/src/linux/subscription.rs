//! Multishot receives of the caller's.
//!
//! One is no entry of the ring, which the loop asks for itself, and no record either but a part of its
//! resource, because a server has one for each connection. It comes behind all receives of its stream:
//! while it is there no other is taken on.

use std::num::NonZeroU32;

use polyloop_core::{Completion, Key, LoopConfig, Op, OpId, Output, Result, SlabKey, Token};

use crate::linux::UringLoop;
use crate::linux::kernel::SOON;
use crate::linux::resource::{Receive, Resource, Side};
use crate::linux::uring_loop::canceled;

/// A multishot receive: whom it is for, and its name among them all.
// Of the alignment of its parts, so that it takes up no more than they do.
#[repr(Rust, packed(4))]
#[derive(Clone, Copy)]
pub(crate) struct Subscription {
    token: Token,
    serial: NonZeroU32,
    /// Somebody has asked for its end.
    is_canceled: bool,
}

/// Set in the position of an op id that names one; the rest of it is the resource's.
const SUBSCRIBED: u32 = 1 << 30;

/// How many ops, and how many resources, there may be. Both are positions of records: each resource may have
/// a send of the loop's own besides.
const POSITIONS_MAX: usize = (SOON / 2) as usize;

impl Subscription {
    pub(crate) fn token(self) -> Token {
        self.token
    }

    fn id(self, key: Key) -> OpId {
        OpId::from_parts(key.index() | SUBSCRIBED, self.serial.get())
    }
}

impl Resource {
    /// Gives the multishot receive that has not been asked to end, if its turn has come.
    #[inline]
    pub(crate) fn reader(&self) -> Option<Subscription> {
        self.active_subscription().filter(|subscription| !subscription.is_canceled)
    }

    /// Gives the multishot receive if its turn has come.
    #[inline]
    pub(crate) fn active_subscription(&self) -> Option<Subscription> {
        self.subscription.filter(|_| self.lane(Side::Inward).is_empty())
    }

    /// Notes that the multishot receive is to end; tells whether there is one.
    pub(crate) fn cancel_subscription(&mut self) -> bool {
        if let Some(subscription) = &mut self.subscription {
            subscription.is_canceled = true;
        }
        self.subscription.is_some()
    }
}

impl UringLoop {
    /// Tells whether an id names a multishot receive.
    pub(crate) fn is_subscription(id: OpId) -> bool {
        id.index() & SUBSCRIBED != 0
    }

    /// Takes on a multishot receive.
    pub(crate) fn subscribe(&mut self, key: Key, token: Token) -> OpId {
        self.ops += 1;
        self.subscriptions = self.subscriptions.wrapping_add(1).max(1);
        let serial = NonZeroU32::new(self.subscriptions).expect("at least one");
        let subscription = Subscription { token, serial, is_canceled: false };
        if let Some(resource) = self.resources.get_mut(key) {
            resource.subscription = Some(subscription);
        }
        self.advance(key, Side::Inward);
        subscription.id(key)
    }

    /// Asks for a multishot receive to end.
    pub(crate) fn unsubscribe(&mut self, id: OpId) {
        let Some(key) = self.resources.key_at(id.index() & !SUBSCRIBED) else { return };
        let Some(resource) = self.resources.get_mut(key) else { return };
        let named = resource.subscription.is_some_and(|it| it.id(key) == id && !it.is_canceled);
        if !named || !resource.cancel_subscription() {
            return;
        }
        if resource.active_subscription().is_some() {
            // It ends when the kernel receives for it no more.
            self.stop_receive(key);
        } else {
            self.end_subscription(key);
        }
        self.advance(key, Side::Inward);
    }

    /// Does what a multishot receive whose turn has come wants done now.
    pub(crate) fn serve_subscription(&mut self, key: Key) {
        let Some(resource) = self.resources.get(key) else { return };
        let Some(subscription) = resource.active_subscription() else { return };
        if !subscription.is_canceled {
            self.tell_readable(key, false);
            self.arm(key);
        } else if resource.receive == Receive::Idle {
            self.end_subscription(key);
        }
    }

    /// Makes the terminal completions of all multishot receives, because the ring is lost.
    pub(crate) fn end_subscriptions(&mut self, why: impl Fn() -> Result<Output>) {
        for key in self.resources.keys() {
            self.take_subscription(key, why());
        }
    }

    /// Counts the multishot receives.
    pub(crate) fn count_subscriptions(&self) -> usize {
        self.resources.iter().filter(|(_, it)| it.subscription.is_some()).count()
    }

    fn end_subscription(&mut self, key: Key) {
        self.take_subscription(key, Err(canceled(0)));
    }

    fn take_subscription(&mut self, key: Key, result: Result<Output>) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        if let Some(subscription) = resource.subscription.take() {
            // The next one has been told of nothing.
            resource.told = false;
            let op = Op::RecvMulti { key };
            self.done.push_back(Completion::terminal(subscription.token, result, op));
        }
    }
}

/// Ops and resources are told from what else has names by bits of their positions.
pub(crate) fn bounded(config: &LoopConfig) -> LoopConfig {
    let mut bounded = config.clone();
    bounded.ops_max = bounded.ops_max.min(POSITIONS_MAX);
    bounded.resources_max = bounded.resources_max.min(POSITIONS_MAX);
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_small() {
        assert_eq!(size_of::<Option<Subscription>>(), 16);
    }
}
