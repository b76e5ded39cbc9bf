use polyloop_core::{Buffer, Interest, Key, Op, OpId, OpKind, Token};

use crate::linux::kernel::{Held, Spares, Work};
use crate::linux::own_request::OwnRequest;
use crate::linux::resource::Side;

/// One op in flight.
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
    /// What a poll asks for.
    pub(crate) interest: Interest,
    /// What is in the kernel is not the op but a wait for its handle to be ready.
    pub(crate) awaits_readiness: bool,
}

const _: () = assert!(size_of::<Record>() <= 72);

/// Whom the completions of an entry are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Owner {
    /// The caller, by this word of its own.
    Caller(Token, OpKind),
    /// The receiving ahead of a stream.
    Stream,
    /// The hearing of a stream's hang-up.
    HangUp,
    /// The sending soon of what a stream was given, which did not go at once as a whole.
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

impl Owner {
    /// Tells whose the answers to a request of the loop's own are.
    pub(crate) fn of(own: OwnRequest) -> Owner {
        match own {
            OwnRequest::Receive | OwnRequest::Poll => Owner::Stream,
            OwnRequest::HangUp => Owner::HangUp,
            OwnRequest::Waker => Owner::Waker,
        }
    }
}

impl Record {
    /// Makes the record of a caller's op.
    pub(crate) fn of_caller(spares: &mut Spares, token: Token, op: Op) -> Record {
        let (kind, key) = (op.kind(), op.key());
        let interest = match &op {
            Op::Poll { interest, .. } | Op::PollMulti { interest, .. } => *interest,
            _ => Interest::NONE,
        };
        let work = spares.hold(op);
        Record { key, interest, ..Record::new(Owner::Caller(token, kind), Some(work)) }
    }

    /// Makes the record of a send of the loop's own that goes on as ops do, or is about to end.
    pub(crate) fn of_soon(spares: &mut Spares, key: Key, buffer: Buffer, canceled: bool) -> Record {
        let work = spares.hold(Op::Send { key, buffer });
        let side = Some(Side::Outward);
        Record { key: Some(key), side, canceled, ..Record::new(Owner::Soon, Some(work)) }
    }

    /// Makes a record that is nobody's.
    #[cfg(test)]
    pub(crate) fn of_nobody() -> Record {
        Record::new(Owner::Waker, None)
    }

    /// Gives the kind of the op, if there is one.
    pub(crate) fn kind(&self) -> Option<OpKind> {
        match self.owner {
            Owner::Caller(_, kind) => Some(kind),
            Owner::Soon => Some(OpKind::Send),
            Owner::Stream | Owner::HangUp | Owner::Waker => None,
        }
    }

    /// Takes the op out, which the kernel does not use; nothing of what the loop asks for itself.
    pub(crate) fn take_op(&mut self, spares: &mut Spares) -> Option<Op> {
        spares.retire(&mut self.held)
    }

    fn new(owner: Owner, work: Option<Box<Work>>) -> Record {
        Record {
            owner,
            key: None,
            side: None,
            link: Link { before: NO_OP, behind: NO_OP },
            held: Held::new(work),
            canceled: false,
            interest: Interest::NONE,
            awaits_readiness: false,
        }
    }
}
