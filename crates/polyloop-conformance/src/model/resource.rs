use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use polyloop_core::{Address, Chunk, CloseMode, Key, OpId, SocketOption};

use super::wire::SharedWire;

/// A thing with a key, and the ops that wait for it.
///
/// The front of a lane is the op that is being done; the others wait behind it. Once `closing`
/// is set the key is stale for callers, and no op is added.
pub(super) struct Resource {
    pub(super) body: Body,
    pub(super) inward: VecDeque<OpId>,
    pub(super) outward: VecDeque<OpId>,
    pub(super) polls: Vec<OpId>,
    /// File ops under way; they have no order.
    pub(super) jobs: Vec<OpId>,
    /// Sends of other resources that read from it.
    pub(super) senders: usize,
    pub(super) closing: Option<(OpId, CloseMode)>,
    pub(super) options: BTreeMap<u8, SocketOption>,
}

pub(super) enum Body {
    Stream(Stream),
    Listener(Listener),
    Datagram(Datagram),
    PipeReader(Inflow),
    PipeWriter(SharedWire),
    File(OpenFile),
}

/// A stream socket; not connected while it has no link.
#[derive(Default)]
pub(super) struct Stream {
    pub(super) local: Option<Address>,
    pub(super) link: Option<Link>,
}

pub(super) struct Link {
    pub(super) inflow: Inflow,
    pub(super) outgoing: SharedWire,
    pub(super) peer: Address,
}

/// The reader's side of a wire: first what was received ahead, then what the wire holds.
pub(super) struct Inflow {
    pub(super) wire: SharedWire,
    pub(super) ahead: VecDeque<Chunk>,
    /// The reader has ended this direction: it finds the end after what is there.
    pub(super) shut: bool,
    /// The active multishot receive has told *readable*, and no read has found nothing since.
    pub(super) told: bool,
    /// It has told *readable* at least once; only a flaw asks.
    pub(super) told_ever: bool,
    /// It has found nothing to read at least once; only a flaw asks.
    pub(super) waited: bool,
    /// The end has been read; only a flaw asks.
    pub(super) told_end: bool,
}

pub(super) struct Listener {
    pub(super) local: Address,
    pub(super) backlog_max: usize,
    pub(super) backlog: VecDeque<Arrival>,
    /// Sockets whose connect waits for room in the backlog.
    pub(super) knocking: Vec<Key>,
    /// The next connection is lost; only a flaw sets it.
    pub(super) drops_next: bool,
}

/// A connection that nobody has accepted yet.
pub(super) struct Arrival {
    pub(super) incoming: SharedWire,
    pub(super) outgoing: SharedWire,
    pub(super) peer: Address,
}

pub(super) struct Datagram {
    pub(super) local: Address,
    pub(super) peer: Option<Address>,
    pub(super) inbox: VecDeque<(Vec<u8>, Address)>,
    /// The other one of a pair, where there is one: it needs no address.
    pub(super) mate: Option<Key>,
    /// A datagram was kept once; only a flaw does that.
    pub(super) kept: bool,
}

pub(super) struct OpenFile {
    pub(super) content: Rc<RefCell<Vec<u8>>>,
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) append: bool,
}

impl Datagram {
    pub(super) fn at(local: Address, peer: Option<Address>) -> Datagram {
        Datagram { local, peer, inbox: VecDeque::new(), mate: None, kept: false }
    }
}

impl Resource {
    pub(super) fn new(body: Body) -> Resource {
        Resource {
            body,
            inward: VecDeque::new(),
            outward: VecDeque::new(),
            polls: Vec::new(),
            jobs: Vec::new(),
            senders: 0,
            closing: None,
            options: BTreeMap::new(),
        }
    }

    pub(super) fn inflow_mut(&mut self) -> Option<&mut Inflow> {
        match &mut self.body {
            Body::Stream(Stream { link: Some(link), .. }) => Some(&mut link.inflow),
            Body::PipeReader(inflow) => Some(inflow),
            _ => None,
        }
    }

    pub(super) fn inflow(&self) -> Option<&Inflow> {
        match &self.body {
            Body::Stream(Stream { link: Some(link), .. }) => Some(&link.inflow),
            Body::PipeReader(inflow) => Some(inflow),
            _ => None,
        }
    }

    pub(super) fn outgoing(&self) -> Option<&SharedWire> {
        match &self.body {
            Body::Stream(Stream { link: Some(link), .. }) => Some(&link.outgoing),
            Body::PipeWriter(wire) => Some(wire),
            _ => None,
        }
    }
}

impl Inflow {
    pub(super) fn of(wire: SharedWire) -> Inflow {
        Inflow {
            wire,
            ahead: VecDeque::new(),
            shut: false,
            told: false,
            told_ever: false,
            waited: false,
            told_end: false,
        }
    }

    pub(super) fn is_readable(&self) -> bool {
        !self.ahead.is_empty() || self.shut || self.wire.borrow().is_readable()
    }
}
