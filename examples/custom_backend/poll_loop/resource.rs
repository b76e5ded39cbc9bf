use std::collections::VecDeque;
use std::io::{self, IoSlice};

use polyloop_core::{Inbound, Interest, Op, OpId, OsHandle, Result, Time, Token};

use super::system;

/// A handle, and the ops that wait for it. `closing` names the close that has made the key stale.
pub(super) struct Resource {
    pub(super) handle: OsHandle,
    /// What a reader has put back.
    pub(super) unread: Inbound,
    /// Receives and accepts: only the first is tried.
    pub(super) inward: VecDeque<OpId>,
    /// Connect, sends and shutdown: only the first is tried.
    pub(super) outward: VecDeque<OpId>,
    /// Polls and file ops, which have no order.
    pub(super) apart: VecDeque<OpId>,
    pub(super) closing: Option<OpId>,
    /// Accepting pauses until then.
    pub(super) accepts_from: Time,
}

/// An op in flight.
pub(super) struct Pending {
    pub(super) op: Op,
    pub(super) token: Token,
    /// How many bytes of a send have gone.
    pub(super) progress: usize,
    /// Whether a connect has begun.
    pub(super) begun: bool,
    /// The readiness that a multishot op has told, and that nobody has acted on since.
    pub(super) told: Interest,
}

/// Where an op waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Inward,
    Outward,
    Apart,
}

pub(super) fn row_of(op: &Op) -> Row {
    match op {
        Op::Accept { .. }
        | Op::AcceptMulti { .. }
        | Op::Recv { .. }
        | Op::RecvMulti { .. }
        | Op::RecvFrom { .. } => Row::Inward,
        Op::Connect { .. }
        | Op::Send { .. }
        | Op::SendVectored { .. }
        | Op::SendFile { .. }
        | Op::SendTo { .. }
        | Op::Shutdown { .. } => Row::Outward,
        _ => Row::Apart,
    }
}

impl Resource {
    pub(super) fn new(handle: OsHandle) -> Resource {
        Resource {
            handle,
            unread: Inbound::default(),
            inward: VecDeque::new(),
            outward: VecDeque::new(),
            apart: VecDeque::new(),
            closing: None,
            accepts_from: Time::ZERO,
        }
    }

    /// Reads what was put back, or from the handle.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        if let Some(put_back) = self.unread.read(buf) {
            return put_back;
        }
        let count = system::read(&self.handle, buf)?;
        if count == 0 && system::is_stream(&self.handle) {
            self.unread.meet_end()?;
        }
        Ok(count)
    }

    /// Writes. A reset that this has met is the reader's too: the kernel tells it once.
    pub(super) fn write(&mut self, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let written = system::write(&self.handle, bufs);
        if let Err(error) = &written
            && error.io_kind() == io::ErrorKind::ConnectionReset
        {
            self.unread.send_met_reset(error.clone());
        }
        written
    }

    pub(super) fn row_mut(&mut self, row: Row) -> &mut VecDeque<OpId> {
        match row {
            Row::Inward => &mut self.inward,
            Row::Outward => &mut self.outward,
            Row::Apart => &mut self.apart,
        }
    }

    /// Visits the ops that may go on now, as far as the order of the rows is concerned.
    pub(super) fn fronts(&self) -> impl Iterator<Item = OpId> {
        let rows = self.inward.front().into_iter().chain(self.outward.front()).chain(&self.apart);
        rows.chain(self.closing.as_ref()).copied()
    }
}

impl Pending {
    pub(super) fn new(op: Op, token: Token) -> Pending {
        Pending { op, token, progress: 0, begun: false, told: Interest::NONE }
    }

    pub(super) fn lasts(&self) -> bool {
        self.op.is_multishot()
    }

    pub(super) fn is_poll(&self) -> bool {
        matches!(self.op, Op::Poll { .. } | Op::PollMulti { .. })
    }

    /// Gives the directions of `all` that are not in `some`.
    pub(super) fn without(all: Interest, some: Interest) -> Interest {
        let mut left = Interest::NONE;
        for direction in [Interest::READABLE, Interest::WRITABLE] {
            if all.contains(direction) && !some.contains(direction) {
                left |= direction;
            }
        }
        left
    }
}
