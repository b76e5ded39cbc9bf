use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use polyloop_core::{Error, Inbound, OpId, OpKind, OsHandle, SlabKey};
use polyloop_os::{Blocking, HandleKind};

use crate::linux::lane::Lane;
use crate::linux::record::NO_OP;
use crate::linux::subscription::Subscription;

/// One resource of the loop.
///
/// Every op of it is in one of its lanes until its terminal completion is made; of the two
/// ordered lanes only the head is at work. Its key is stale for callers once `ending` names the
/// op that closes or detaches it; the entry goes when nothing of it is in flight.
pub(crate) struct Resource {
    pub(crate) handle: Rc<OsHandle>,
    pub(crate) kind: HandleKind,
    /// What the handle was before it was attached.
    pub(crate) restore: Blocking,
    pub(crate) lanes: [Lane; 3],
    /// Ordered lanes of which the first is not begun until the end of a pause, which is in the loop's list.
    pub(crate) paused: [bool; 2],
    /// The multishot accept in the inward lane, if there is one.
    pub(crate) multi: Slot,
    /// The multishot receive behind all that is in the inward lane, if there is one.
    pub(crate) subscription: Option<Subscription>,
    /// What was received ahead, or put back.
    pub(crate) inbound: Inbound,
    /// What the loop itself has in the kernel to fill `inbound`.
    pub(crate) receive: Receive,
    /// Whether the loop would hear of an end that `receive` does not tell of.
    pub(crate) hang_up: HangUp,
    /// *Readable* was told, and no reader has met *would block* since.
    pub(crate) told: bool,
    /// The send of the loop's own, which is before all that is in the outward lane.
    pub(crate) soon: Slot,
    /// The outward direction was shut down, or is about to be.
    pub(crate) is_shut: bool,
    /// The op that closes or detaches it.
    pub(crate) ending: Slot,
    rare: Option<Box<Rare>>,
}

/// What few resources have; it stays with them then.
#[derive(Default)]
pub(crate) struct Rare {
    /// How a send of the loop's own has failed, until somebody is told.
    pub(crate) failed_soon: Option<Error>,
    /// Connections that were taken when there was no room for them.
    pub(crate) stash: VecDeque<OwnedFd>,
    /// Sends of other resources that read from it.
    pub(crate) senders: usize,
}

/// A place for the name of an op.
#[derive(Clone, Copy)]
pub(crate) struct Slot(OpId);

// A server has one for each connection.
const _: () = assert!(size_of::<Resource>() <= 136);

impl Slot {
    const EMPTY: Slot = Slot(NO_OP);

    #[inline]
    pub(crate) fn get(self) -> Option<OpId> {
        (!self.is_empty()).then_some(self.0)
    }

    pub(crate) fn set(&mut self, id: OpId) {
        self.0 = id;
    }

    pub(crate) fn take(&mut self) -> Option<OpId> {
        std::mem::replace(self, Slot::EMPTY).get()
    }

    /// Takes that op out, and tells whether it was here.
    #[inline]
    pub(crate) fn remove(&mut self, id: OpId) -> bool {
        let is_here = self.0 == id;
        if is_here {
            self.0 = NO_OP;
        }
        is_here
    }

    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        // Generations are never zero but that of no op.
        self.0.generation() == NO_OP.generation()
    }
}

/// What is in the kernel for receiving ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Receive {
    /// Nothing.
    Idle,
    /// A multishot receive.
    Armed,
    /// A one-shot poll, after which the reader receives directly.
    Polling,
    /// Either of them, asked to end.
    Stopping,
}

/// What is known of the hang-up of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HangUp {
    /// Nothing.
    Unwatched,
    /// A poll for it is in the kernel.
    Watched,
    /// It has come: no further event may come for what is left to read.
    Seen,
}

/// Which of a resource's lanes an op is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// Receives and accepts, in order.
    Inward,
    /// Connect, sends and shutdown, in order.
    Outward,
    /// Polls, waits for exits, and ops at an offset: all at work at once.
    Unordered,
}

impl Side {
    /// Gives the lane of a kind of op; nothing for those that are in none.
    pub(crate) fn of(kind: OpKind) -> Option<Side> {
        Some(match kind {
            OpKind::Accept
            | OpKind::AcceptMulti
            | OpKind::Recv
            | OpKind::RecvMulti
            | OpKind::RecvFrom => Side::Inward,
            OpKind::Connect
            | OpKind::Send
            | OpKind::SendVectored
            | OpKind::SendFile
            | OpKind::SendTo
            | OpKind::Shutdown => Side::Outward,
            OpKind::Poll
            | OpKind::PollMulti
            | OpKind::AwaitExit
            | OpKind::ReadAt
            | OpKind::WriteAt
            | OpKind::ReadVectoredAt
            | OpKind::WriteVectoredAt
            | OpKind::Truncate
            | OpKind::Stat
            | OpKind::Sync => Side::Unordered,
            _ => return None,
        })
    }
}

impl Resource {
    /// Makes the resource of a handle that waits.
    pub(crate) fn new(handle: OsHandle, kind: HandleKind, restore: Blocking) -> Resource {
        Resource {
            handle: Rc::new(handle),
            kind,
            restore,
            lanes: [Lane::EMPTY; 3],
            paused: [false; 2],
            multi: Slot::EMPTY,
            subscription: None,
            inbound: Inbound::default(),
            receive: Receive::Idle,
            hang_up: HangUp::Unwatched,
            told: false,
            soon: Slot::EMPTY,
            is_shut: false,
            ending: Slot::EMPTY,
            rare: None,
        }
    }

    #[inline]
    pub(crate) fn rare(&self) -> Option<&Rare> {
        self.rare.as_deref()
    }

    /// Gives what is rare, to change it, if there is any.
    #[inline]
    pub(crate) fn rare_mut(&mut self) -> Option<&mut Rare> {
        self.rare.as_deref_mut()
    }

    /// Gives what is rare, to add to it.
    pub(crate) fn make_rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Takes out how a send of the loop's own has failed.
    #[inline]
    pub(crate) fn take_failed_soon(&mut self) -> Option<Error> {
        self.rare_mut()?.failed_soon.take()
    }

    pub(crate) fn lane(&self, side: Side) -> &Lane {
        &self.lanes[side as usize]
    }

    pub(crate) fn lane_mut(&mut self, side: Side) -> &mut Lane {
        &mut self.lanes[side as usize]
    }

    /// Tells whether nothing is before an op that comes to an ordered lane now.
    #[inline]
    pub(crate) fn is_free(&self, side: Side) -> bool {
        self.lane(side).is_empty() && (side != Side::Outward || self.soon.is_empty())
    }

    /// Tells whether what is first in a lane may begin: a send of the loop's own goes before, and what
    /// is in no order begins by itself.
    pub(crate) fn may_begin(&self, side: Side) -> bool {
        match side {
            Side::Inward => true,
            Side::Outward => self.soon.is_empty(),
            Side::Unordered => false,
        }
    }

    /// Tells whether nothing of the resource is in flight.
    pub(crate) fn is_quiet(&self) -> bool {
        let is_idle =
            self.receive == Receive::Idle && self.rare().is_none_or(|rare| rare.senders == 0);
        let is_unwatched = self.hang_up != HangUp::Watched;
        let is_read = self.subscription.is_some();
        let is_unsent = !self.soon.is_empty();
        is_idle && is_unwatched && !is_read && !is_unsent && self.lanes.iter().all(Lane::is_empty)
    }

    /// Tells whether it carries bytes without boundaries between them.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.kind, HandleKind::Stream | HandleKind::PipeReader | HandleKind::PipeWriter)
    }

    /// Tells whether ops of a kind fit the resource.
    pub(crate) fn fits(&self, kind: OpKind) -> bool {
        use HandleKind::{Datagram, Descriptor, File, Listener, PipeReader, PipeWriter, Stream};
        match kind {
            OpKind::Accept | OpKind::AcceptMulti => self.kind == Listener,
            OpKind::Connect => matches!(self.kind, Stream | Datagram),
            OpKind::Recv => matches!(self.kind, Stream | Datagram | PipeReader),
            OpKind::RecvMulti => matches!(self.kind, Stream | PipeReader),
            OpKind::Send | OpKind::SendVectored => {
                matches!(self.kind, Stream | Datagram | PipeWriter)
            }
            OpKind::SendFile => matches!(self.kind, Stream | PipeWriter),
            OpKind::RecvFrom | OpKind::SendTo => self.kind == Datagram,
            OpKind::Poll | OpKind::PollMulti => self.kind != File,
            OpKind::AwaitExit => self.kind == Descriptor,
            OpKind::Shutdown => self.kind == Stream,
            OpKind::ReadAt
            | OpKind::WriteAt
            | OpKind::ReadVectoredAt
            | OpKind::WriteVectoredAt
            | OpKind::Truncate
            | OpKind::Stat
            | OpKind::Sync => self.kind == File,
            OpKind::Close | OpKind::Detach => {
                matches!(
                    self.kind,
                    Stream | Listener | Datagram | File | PipeReader | PipeWriter | Descriptor
                )
            }
            _ => false,
        }
    }
}
