mod sending;
mod turning;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, Completion, Error, ErrorKind, EventLoop,
    GuestWait, Key, Op, OpId, OpKind, OptionName, OsHandle, Output, ReceivedHandles, Rejected,
    Result, Route, SocketOption, Submission, Time, Token, Turned, forward_to_loop,
};

use super::completions::Tokens;
use super::fault::Fault;
use super::gated;

/// A loop around a loop, with one mistake.
///
/// `backlog` holds what has passed the fault and was not delivered yet.
pub struct MutantLoop {
    inner: Box<dyn EventLoop>,
    pub(super) fault: Fault,
    capabilities: Capabilities,
    pub(super) backlog: VecDeque<Completion>,
    pub(super) cancelled: BTreeSet<Token>,
    pub(super) slots: BTreeMap<u32, Key>,
    pub(super) tokens: Tokens,
    pub(super) accepted: BTreeSet<Key>,
    pub(super) listeners: Vec<Key>,
    pub(super) received: usize,
    pub(super) datagrams_cancelled: bool,
    tokens_of: BTreeMap<OpId, (Token, OpKind)>,
    attached: BTreeSet<Key>,
    /// How long turns have waited; only a fault asks.
    waited: Duration,
    looks: std::cell::Cell<u64>,
    chunks_seen: usize,
    process: u32,
    closed: bool,
    /// What is to be sent soon and was not.
    late: Vec<u8>,
}

impl MutantLoop {
    /// Makes the loop.
    pub fn new(inner: Box<dyn EventLoop>, fault: Fault) -> MutantLoop {
        let mut capabilities = inner.capabilities().clone();
        match fault {
            Fault::RouteMissing => {
                capabilities.set_route(OpKind::SendVectored, Route::Unsupported);
            }
            Fault::GuestPromised => capabilities.guest_descriptor ^= true,
            Fault::NameWrong => {
                let mut renamed = Capabilities::new("another");
                inner.capabilities().routes().for_each(|(kind, route)| {
                    renamed.set_route(kind, route);
                });
                capabilities = renamed;
            }
            _ => {}
        }
        MutantLoop {
            inner,
            fault,
            capabilities,
            backlog: VecDeque::new(),
            cancelled: BTreeSet::new(),
            slots: BTreeMap::new(),
            tokens: Tokens { cut: fault == Fault::TokenCut },
            accepted: BTreeSet::new(),
            listeners: Vec::new(),
            received: 0,
            datagrams_cancelled: false,
            tokens_of: BTreeMap::new(),
            attached: BTreeSet::new(),
            waited: Duration::ZERO,
            looks: std::cell::Cell::new(0),
            chunks_seen: 0,
            process: std::process::id(),
            closed: false,
            late: Vec::new(),
        }
    }

    pub(super) fn is_attached(&self, op: &Op) -> bool {
        op.key().is_some_and(|key| self.attached.contains(&key))
    }

    fn has_nothing<T>(&self, error: Error) -> Result<Option<T>> {
        match self.fault {
            Fault::NothingAsEnd if error.is_would_block() => Ok(None),
            _ => Err(error),
        }
    }

    fn alter_error(&self, error: Error) -> Error {
        match (self.fault, error.kind()) {
            (Fault::InvalidAsUnsupported, ErrorKind::InvalidInput) => ErrorKind::Unsupported.into(),
            (Fault::StaleAsInvalid, ErrorKind::StaleKey) => ErrorKind::InvalidInput.into(),
            _ => error,
        }
    }
}

impl EventLoop for MutantLoop {
    forward_to_loop!(this => this.inner; waker, try_send_to, prepare);

    fn submit(&mut self, op: Op, token: Token) -> Submission {
        let kind = op.kind();
        let op = match self.alter_op(op) {
            Ok(op) => op,
            Err((result, op)) => {
                return Submission::Done(Completion::terminal(token, result, op));
            }
        };
        match self.inner.submit(op, token) {
            Submission::Queued(id) => {
                self.tokens_of.insert(id, (token, kind));
                Submission::Queued(id)
            }
            Submission::Done(completion) => {
                let before = self.backlog.len();
                self.pass(completion);
                match self.backlog.remove(before) {
                    Some(completion) => Submission::Done(completion),
                    None => Submission::Queued(OpId::from_bits(u64::MAX)),
                }
            }
        }
    }

    fn cancel(&mut self, id: OpId) {
        if self.fault == Fault::CancelIgnored {
            return;
        }
        if let Some((token, kind)) = self.tokens_of.get(&id) {
            self.cancelled.insert(*token);
            self.datagrams_cancelled |= *kind == OpKind::RecvFrom;
        }
        self.inner.cancel(id);
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        if self.closed && self.fault == Fault::CloseDelivers {
            let late = Completion::more(Token(1), Output::Readable);
            batch.push(late).expect("a batch of a closed loop is empty");
            return Turned::default();
        }
        let mut turned = self.turn_inner(deadline, batch.room().max(1));
        if turned.woken && self.fault == Fault::WakeHidesCompletions {
            self.backlog.clear();
        }
        while !batch.is_full()
            && let Some(completion) = self.backlog.pop_front()
        {
            batch.push(completion).expect("the batch has room");
        }
        turned.woken &= self.fault != Fault::WakeUntold;
        turned.more |= !self.backlog.is_empty();
        turned
    }

    fn now(&self) -> Time {
        let now = self.inner.now();
        self.looks.set(self.looks.get() + 1);
        match self.fault {
            Fault::ClockGoesBack if self.looks.get().is_multiple_of(500) => {
                now - Duration::from_millis(1)
            }
            Fault::ClockStandsInTurn => now - self.waited,
            _ => now,
        }
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        match self.inner.try_recv(key, buf) {
            Ok(count) => Ok(count),
            Err(error) => {
                let error = self.alter_error(error);
                Ok(self.has_nothing::<usize>(error)?.unwrap_or(0))
            }
        }
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        match self.inner.try_recv_chunk(key) {
            Ok(Some(mut chunk)) => {
                self.chunks_seen += 1;
                if matches!(self.fault, Fault::ChunkBlank) {
                    let len = chunk.len();
                    chunk.storage_mut().fill(0);
                    chunk.fill(len);
                }
                Ok(Some(chunk))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                let error = self.alter_error(error);
                self.has_nothing(error)
            }
        }
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        self.inner.unread(key, bytes).map_err(|error| self.alter_error(error))
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.send(key, bufs)
    }

    fn try_send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.send_soon(key, bufs)
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.inner.try_recv_from(key, buf).map_err(|error| self.alter_error(error))
    }

    fn try_peek(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        if self.fault == Fault::PeekTakes {
            return self.inner.try_recv(key, buf);
        }
        self.inner.try_peek(key, buf).map_err(|error| self.alter_error(error))
    }

    fn try_peek_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        if self.fault == Fault::PeekTakes {
            return self.inner.try_recv_from(key, buf);
        }
        self.inner.try_peek_from(key, buf)
    }

    fn try_recv_vectored(&mut self, key: Key, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        if self.fault == Fault::VectoredIntoLast
            && let Some(last) = bufs.last_mut()
        {
            return self.inner.try_recv(key, last);
        }
        self.inner.try_recv_vectored(key, bufs).map_err(|error| self.alter_error(error))
    }

    fn try_send_handles(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        handles: &[File],
    ) -> Result<usize> {
        let handles = if self.fault == Fault::HandlesForgotten { &[] } else { handles };
        match self.inner.try_send_handles(key, bufs, handles) {
            Err(_) if self.fault == Fault::HandlesAnywhere => Ok(0),
            sent => sent,
        }
    }

    fn try_recv_handles(
        &mut self,
        key: Key,
        buf: &mut [u8],
        handles_max: usize,
    ) -> Result<ReceivedHandles> {
        let mut received = self.inner.try_recv_handles(key, buf, handles_max);
        if let (Fault::TruncationUntold, Ok(received)) = (self.fault, &mut received) {
            received.truncated = false;
        }
        match received {
            Err(error)
                if self.fault == Fault::HandlesBesideWatch && error.kind() == ErrorKind::Busy =>
            {
                Err(ErrorKind::WouldBlock.into())
            }
            received => received,
        }
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        let address = self.inner.local_address(key).map_err(|error| self.alter_error(error))?;
        match (self.fault, address.as_ip()) {
            (Fault::ListenersMixedUp, _) if self.listeners.iter().skip(1).any(|it| *it == key) => {
                self.inner.local_address(self.listeners[0])
            }
            (Fault::PortForgotten, Some(mut address)) if self.accepted.contains(&key) => {
                address.set_port(0);
                Ok(address.into())
            }
            _ => Ok(address),
        }
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        match self.inner.peer_address(key) {
            Err(error)
                if self.fault == Fault::PeerInvented
                    && matches!(error.kind(), ErrorKind::Io(_)) =>
            {
                self.inner.local_address(key)
            }
            address => address.map_err(|error| self.alter_error(error)),
        }
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        self.inner.set_option(key, option).map_err(|error| self.alter_error(error))
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        let option = self.inner.option(key, name).map_err(|error| self.alter_error(error))?;
        Ok(match (self.fault, option) {
            (Fault::BufferSizeOne, SocketOption::SendBuffer(_)) => SocketOption::SendBuffer(1),
            (_, option) => option,
        })
    }

    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        let attached = self.inner.attach(handle);
        self.attached.extend(attached.as_ref().ok());
        attached
    }

    fn census(&mut self) -> Census {
        let mut census = self.inner.census();
        match self.fault {
            Fault::ChunksUncounted => census.chunks = 0,
            Fault::ChunksCountedOn => census.chunks = census.chunks.max(self.chunks_seen),
            _ => {}
        }
        census
    }

    fn next_deadline(&self) -> Time {
        match self.fault {
            Fault::GuestDeadlinePast => Time::ZERO,
            _ => self.inner.next_deadline(),
        }
    }

    fn guest_descriptor(&mut self) -> Result<Arc<File>> {
        gated::descriptor(self.fault, self.inner.guest_descriptor())
    }

    fn guest_wait(&mut self) -> Result<Arc<dyn GuestWait>> {
        let wait = self.inner.guest_wait()?;
        Ok(match self.fault {
            Fault::GuestWaitBlind => Arc::new(gated::Blind),
            _ => wait,
        })
    }

    fn close(&mut self, grace: Duration) -> Closed {
        if self.fault == Fault::CloseIgnored {
            return Closed::default();
        }
        self.closed = true;
        let closed = self.inner.close(grace);
        if self.fault == Fault::CloseUncounted { Closed::default() } else { closed }
    }
}

impl fmt::Debug for MutantLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutantLoop").field("fault", &self.fault).finish_non_exhaustive()
    }
}

impl Drop for MutantLoop {
    fn drop(&mut self) {
        let ops = self.inner.census().ops;
        if self.fault == Fault::DropSlow && ops > 500 {
            std::thread::sleep(Duration::from_millis(2100));
        }
        while self.fault == Fault::ForkedDropHangs && std::process::id() != self.process {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}
