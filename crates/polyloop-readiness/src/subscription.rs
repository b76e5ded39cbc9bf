use std::num::NonZeroU32;

use polyloop_core::{Key, Op, OpId, SlabKey, Token};
use polyloop_os::HandleKind;

/// The multishot receive or accept of a resource: whom it is for, and its name among them all.
///
/// It is a part of its resource and not in the [op table](crate::op_table::OpTable), because a server has
/// one for each connection that waits: a few bytes, and nothing to find. Its op says nothing that the
/// resource does not know, and is made again when it ends.
// Of the alignment of its parts, so that it takes up no more than they do.
#[repr(Rust, packed(4))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Subscription {
    token: Token,
    serial: NonZeroU32,
}

/// Counts the subscriptions of a loop.
///
/// `serial` is the last that was given; none is given again before 2^32 - 1 others.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    serial: u32,
    active: usize,
}

/// Set in the position of an op id that names a subscription; the rest of it is the resource's.
const SUBSCRIBED: u32 = 1 << 31;

/// How many positions there may be of ops and of resources.
pub(crate) const POSITIONS_MAX: usize = SUBSCRIBED as usize;

impl Subscriptions {
    /// Makes one.
    pub(crate) fn add(&mut self, token: Token) -> Subscription {
        self.active += 1;
        self.serial = self.serial.wrapping_add(1).max(1);
        Subscription { token, serial: NonZeroU32::new(self.serial).expect("at least one") }
    }

    /// Counts one off that has ended.
    pub(crate) fn remove(&mut self) {
        self.active -= 1;
    }

    pub(crate) fn len(&self) -> usize {
        self.active
    }
}

impl Subscription {
    pub(crate) fn token(self) -> Token {
        self.token
    }

    /// Names the op, of the resource that has the subscription.
    pub(crate) fn id(self, key: Key) -> OpId {
        OpId::from_parts(key.index() | SUBSCRIBED, self.serial.get())
    }

    /// Makes the op, of a resource of that kind.
    pub(crate) fn op(key: Key, kind: HandleKind) -> Op {
        match kind {
            HandleKind::Listener => Op::AcceptMulti { key },
            _ => Op::RecvMulti { key },
        }
    }
}

/// Gives the position of the resource whose subscription an id names; nothing for other ops.
pub(crate) fn subscribed(id: OpId) -> Option<u32> {
    (id.index() & SUBSCRIBED != 0).then_some(id.index() & !SUBSCRIBED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_small_and_named_apart_from_ops_and_earlier_ones() {
        assert_eq!(size_of::<Option<Subscription>>(), 12);
        let mut subscriptions = Subscriptions::default();
        let key = Key::from_parts(7, 1);
        let ids = [1, 2].map(|token| subscriptions.add(Token(token)).id(key));
        assert_ne!(ids[0], ids[1]);
        assert_eq!(subscribed(ids[1]), Some(7));
        assert_eq!(subscribed(OpId::from_parts(7, 1)), None);
        subscriptions.serial = u32::MAX;
        assert_eq!(subscriptions.add(Token(3)).id(key).generation(), 1, "zero is never minted");
    }
}
