use std::hint::cold_path;
use std::sync::Arc;

use polyloop_core::{Error, ErrorKind, Inbound, Interest, OpId, OsHandle, SlabKey};
use polyloop_os::{Blocking, HandleKind, Memory};

use crate::op_table::{NOBODY, OpList};
use crate::peer::Peer;
use crate::selector::Trigger;
use crate::subscription::Subscription;

/// A socket, listener, file, pipe end or mere descriptor, and what waits for it.
///
/// Between calls:
/// * A lane with ops in it, and the resource of an active accept, is known to be blocked and
///   watched, or paused, or on the engine's ready list: somebody comes back to it.
/// * `ending` names the op that ends it iff its key is stale; then nothing waits in the inward
///   lane, in `polls` or as `subscription`.
/// * `told` means something only while a multishot receive is active: the reader has been told
///   *readable*, and has not met *would block* since.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) handle: Handle,
    pub(crate) kind: HandleKind,
    pub(crate) inward: Lane,
    pub(crate) outward: Lane,
    pub(crate) polls: OpList,
    pub(crate) subscription: Option<Subscription>,
    pub(crate) ending: OpId,
    pub(crate) inbound: Inbound,
    pub(crate) watch: Watch,
    /// What events have told since the polls were last looked at.
    pub(crate) news: Interest,
    pub(crate) told: bool,
    pub(crate) is_ready: bool,
    /// A transfer that came back short has emptied (or filled) the stream; see
    /// [`Selector::reports_read_closed`](crate::Selector::reports_read_closed).
    pub(crate) short_is_blocked: bool,
    /// The first of its outward ops is the loop's own, and is not to be attempted before the next turn.
    pub(crate) gathers: bool,
    /// A send of the loop's own has failed, and nobody was told.
    pub(crate) failed_soon: bool,
    /// The turn in which it was last sent to, as [`Soon`](crate::soon::Soon) tells them apart.
    pub(crate) sent_turn: u8,
    /// SO_LINGER has been set through the loop, so that closing may wait.
    pub(crate) lingers: bool,
    /// Who has connected, if it was accepted here: asking the kernel costs a call.
    pub(crate) peer: Peer,
    /// File jobs that wait for a thread or run on one, and sends that read from the file.
    pub(crate) jobs: u32,
    /// How much of a file is in memory, as far as reads have found out.
    pub(crate) memory: Memory,
    restore: Blocking,
}

// A server has one for each connection.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Resource>() <= 136);

/// One direction of a resource.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) ops: OpList,
    pub(crate) flow: Flow,
    /// Terminal completions of the direction that wait to be delivered. While there are any, no
    /// later op of it may show that it is done.
    pub(crate) undelivered: u32,
    /// Nothing is attempted until the end of a pause, which is in the engine's list.
    pub(crate) paused: bool,
    /// Pauses in a row because the peer had no room.
    pub(crate) retries: u8,
}

/// What is known of a direction without asking the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flow {
    /// Nothing: the next attempt may succeed.
    Open,
    /// A transfer came back short, so the next attempt would block; nobody has been told.
    Short,
    /// An attempt would have blocked, and its caller knows.
    Blocked,
}

/// What the selector knows of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Watch {
    /// Nothing.
    Absent,
    /// It is registered, and will tell once of these directions (one-shot).
    Armed(Interest),
    /// It is registered, and tells whatever newly arises (edge).
    Standing,
}

/// The two directions of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    Inward,
    Outward,
}

/// The operating system's handle; a file's is shared with the threads that work on it.
#[derive(Debug)]
pub(crate) enum Handle {
    Owned(OsHandle),
    Shared(Arc<OsHandle>),
}

impl Resource {
    /// Takes a handle on that does not wait; `restore` is what it did before.
    pub(crate) fn new(handle: OsHandle, kind: HandleKind, restore: Blocking) -> Resource {
        let handle = match kind {
            HandleKind::File => Handle::Shared(Arc::new(handle)),
            _ => Handle::Owned(handle),
        };
        Resource {
            handle,
            kind,
            inward: Lane::new(),
            outward: Lane::new(),
            polls: OpList::EMPTY,
            subscription: None,
            ending: NOBODY,
            inbound: Inbound::default(),
            watch: Watch::Absent,
            news: Interest::NONE,
            told: false,
            is_ready: false,
            short_is_blocked: false,
            gathers: false,
            failed_soon: false,
            sent_turn: 0,
            lingers: false,
            peer: Peer::Unknown,
            jobs: 0,
            memory: Memory::default(),
            restore,
        }
    }

    #[inline]
    pub(crate) fn lane_mut(&mut self, direction: Direction) -> &mut Lane {
        match direction {
            Direction::Inward => &mut self.inward,
            Direction::Outward => &mut self.outward,
        }
    }

    #[inline]
    pub(crate) fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::Inward => &self.inward,
            Direction::Outward => &self.outward,
        }
    }

    /// Tells whether an attempt would block and an event will tell when it no longer does.
    #[inline]
    pub(crate) fn is_known_blocked(&self, direction: Direction) -> bool {
        self.lane(direction).flow != Flow::Open && self.watches(direction.interest())
    }

    /// Tells whether the key is stale although the resource is still here.
    #[inline]
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.generation() != NOBODY.generation()
    }

    /// Tells whether nothing waits for it but a multishot receive.
    #[inline]
    pub(crate) fn is_only_received(&self) -> bool {
        let lists = self.inward.ops.mark() | self.outward.ops.mark() | self.polls.mark();
        let has_others = lists | self.ending.generation() != 0;
        !has_others && self.subscription.is_some() && self.kind != HandleKind::Listener
    }

    /// Tells whether it is a socket of bytes that is watched, what it gives next is with the kernel, and nobody
    /// came before who asks.
    #[inline]
    pub(crate) fn is_next_in_kernel(&self) -> bool {
        let is_watched = self.kind == HandleKind::Stream && self.watch == Watch::Standing;
        is_watched && self.inward.others(self.ending) == 0 && !self.inbound.is_readable()
    }

    /// Tells whether it is a socket of bytes that go to the kernel next: nobody came before, and there may be
    /// room.
    #[inline]
    pub(crate) fn is_next_to_kernel(&self) -> bool {
        let may_have_room = self.outward.flow != Flow::Short;
        let is_socket = self.kind == HandleKind::Stream;
        is_socket && may_have_room && self.outward.others(self.ending) == 0
    }

    /// Says *would block* of a transfer inward behind one that came back short, and has the reader told of
    /// the event that the registration promises.
    #[inline]
    pub(crate) fn leave(&mut self) -> Error {
        debug_assert!(self.watch == Watch::Standing, "an event will tell");
        self.inward.flow = Flow::Blocked;
        self.told = false;
        ErrorKind::WouldBlock.into()
    }

    /// Has the reader of what is watched told again, if what it met is *would block*.
    #[cold]
    pub(crate) fn met(&mut self, error: Error) -> Error {
        self.told &= !error.is_would_block();
        error
    }

    #[inline]
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.kind, HandleKind::Stream | HandleKind::PipeReader | HandleKind::PipeWriter)
    }

    /// Tells whether ops or calls of one direction must wait for earlier ones.
    #[inline]
    pub(crate) fn is_taken(&self, direction: Direction) -> bool {
        self.lane(direction).others(NOBODY) != 0
    }

    /// Gives which directions to register: on some systems a pipe end that is asked for the
    /// direction it has not is an error.
    pub(crate) fn directions(&self) -> Interest {
        match self.kind {
            HandleKind::Listener | HandleKind::PipeReader => Interest::READABLE,
            HandleKind::PipeWriter => Interest::WRITABLE,
            _ => Interest::BOTH,
        }
    }

    /// Gives which directions somebody waits for; `polled` is what the polls wait for.
    pub(crate) fn wanted(&self, polled: Interest) -> Interest {
        let mut wanted = polled;
        let waits_inward = !self.inward.ops.is_empty() || self.subscription.is_some() && !self.told;
        if waits_inward && !self.inward.paused {
            wanted |= Interest::READABLE;
        }
        if !self.outward.ops.is_empty() && !self.outward.paused {
            wanted |= Interest::WRITABLE;
        }
        wanted
    }

    /// Takes an event in, but for its news.
    #[inline]
    pub(crate) fn note_event(&mut self, ready: Interest, closed: bool, trigger: Trigger) {
        if trigger == Trigger::OneShot {
            self.watch = Watch::Armed(Interest::NONE);
        }
        self.note_found(ready);
        self.short_is_blocked &= !closed;
    }

    /// Takes in that an attempt may succeed now.
    #[inline]
    pub(crate) fn note_found(&mut self, ready: Interest) {
        if ready.is_readable() {
            self.inward.flow = Flow::Open;
        }
        if ready.is_writable() {
            self.outward.flow = Flow::Open;
        }
    }

    /// Tells whether the flush that a close waits for is over.
    pub(crate) fn is_flushed(&self) -> bool {
        self.outward.ops.is_empty() && self.jobs == 0
    }

    /// Gives the handle up, waiting or not as it was taken on.
    pub(crate) fn into_handle(self) -> (OsHandle, Inbound) {
        let handle = match self.handle {
            Handle::Owned(handle) => handle,
            Handle::Shared(handle) => {
                Arc::into_inner(handle).expect("a resource ends after its jobs")
            }
        };
        (handle, self.inbound)
    }

    /// Tells whether calls on the handle waited before it was taken on.
    pub(crate) fn restore(&self) -> Blocking {
        self.restore
    }

    /// Tells whether an event will tell when a direction becomes ready.
    #[inline]
    pub(crate) fn watches(&self, interest: Interest) -> bool {
        match self.watch {
            Watch::Absent => false,
            Watch::Armed(armed) => armed.contains(interest),
            Watch::Standing => true,
        }
    }
}

impl Lane {
    fn new() -> Lane {
        Lane { ops: OpList::EMPTY, flow: Flow::Open, undelivered: 0, paused: false, retries: 0 }
    }

    /// Gives a number that is zero if nobody is before who comes now, and `ending` is nobody.
    #[inline]
    fn others(&self, ending: OpId) -> u32 {
        self.ops.mark() | self.undelivered | ending.generation()
    }

    /// Notes that bytes went through; `is_last` if there are no more, or is no more room.
    #[inline]
    pub(crate) fn moved(&mut self, is_last: bool) {
        self.flow = if is_last { Flow::Short } else { Flow::Open };
        self.retries = 0;
    }
}

impl Direction {
    #[inline]
    pub(crate) fn interest(self) -> Interest {
        match self {
            Direction::Inward => Interest::READABLE,
            Direction::Outward => Interest::WRITABLE,
        }
    }
}

impl Handle {
    #[inline]
    pub(crate) fn as_os(&self) -> &OsHandle {
        match self {
            Handle::Owned(handle) => handle,
            Handle::Shared(handle) => {
                cold_path();
                handle
            }
        }
    }

    /// Shares a file's handle with a thread.
    pub(crate) fn share(&self) -> Option<Arc<OsHandle>> {
        match self {
            Handle::Owned(_) => None,
            Handle::Shared(handle) => Some(handle.clone()),
        }
    }
}
