use polyloop_core::{Buffer, Interest, Key, Op, OpId, OpKind, Token};

use crate::linux::kernel::Held;
use crate::linux::resource::Side;

/// One op in flight, or one request of the loop's own.
///
/// It is in the table until the kernel does not use it any more *and* its terminal completion
/// has been made. `link` and `side` say where it waits among the ops of its resource.
pub(crate) struct Record {
    pub(crate) owner: Owner,
    pub(crate) key: Option<Key>,
    pub(crate) side: Option<Side>,
    pub(crate) link: Link,
    pub(crate) held: Held,
    /// Somebody has asked for its end.
    pub(crate) canceled: bool,
    /// Bytes of it that have gone through.
    pub(crate) transferred: usize,
    /// How often it was begun in vain because the peer had no room.
    pub(crate) refusals: u32,
    /// Bytes of its piece of a file that have gone through.
    pub(crate) piece_sent: usize,
    /// What a poll asks for.
    pub(crate) interest: Interest,
    /// What is in the kernel is not the op but a wait for its handle to be ready.
    pub(crate) awaits_readiness: bool,
}

/// Whom the completions of a record are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Owner {
    /// The caller, by this word of its own.
    Caller(Token, OpKind),
    /// The receiving ahead of a stream.
    Stream,
    /// The sending soon of what a stream was given: a send of the loop's own.
    Soon,
    /// The loop's waker.
    Waker,
}

/// Neighbours in a lane; [`NO_OP`] at its ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) before: OpId,
    pub(crate) behind: OpId,
}

/// An id that is never minted.
pub(crate) const NO_OP: OpId = OpId::from_bits(0);

impl Record {
    /// Makes the record of a caller's op.
    pub(crate) fn of_caller(token: Token, op: Op) -> Record {
        let (kind, key) = (op.kind(), op.key());
        let interest = match &op {
            Op::Poll { interest, .. } | Op::PollMulti { interest, .. } => *interest,
            _ => Interest::NONE,
        };
        Record { key, interest, ..Record::new(Owner::Caller(token, kind), Some(op)) }
    }

    /// Makes the record of the receiving ahead of a stream.
    pub(crate) fn of_stream(key: Key) -> Record {
        Record { key: Some(key), ..Record::new(Owner::Stream, None) }
    }

    /// Makes the record of a send of the loop's own.
    pub(crate) fn of_soon(key: Key, buffer: Buffer) -> Record {
        let op = Op::Send { key, buffer };
        let side = Some(Side::Outward);
        Record { key: Some(key), side, ..Record::new(Owner::Soon, Some(op)) }
    }

    /// Makes the record of the waker.
    pub(crate) fn of_waker() -> Record {
        Record::new(Owner::Waker, None)
    }

    /// Gives the kind of the op, if there is one.
    pub(crate) fn kind(&self) -> Option<OpKind> {
        match self.owner {
            Owner::Caller(_, kind) => Some(kind),
            Owner::Soon => Some(OpKind::Send),
            Owner::Stream | Owner::Waker => None,
        }
    }

    fn new(owner: Owner, op: Option<Op>) -> Record {
        Record {
            owner,
            key: None,
            side: None,
            link: Link { before: NO_OP, behind: NO_OP },
            held: Held::new(op),
            canceled: false,
            transferred: 0,
            refusals: 0,
            piece_sent: 0,
            interest: Interest::NONE,
            awaits_readiness: false,
        }
    }
}
