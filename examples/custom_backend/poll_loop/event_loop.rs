use std::io::IoSlice;
use std::time::{Duration, Instant};

use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, ErrorKind, EventLoop, Interest, Key,
    LoopConfig, LoopWaker, Op, OpId, OpKind, OptionName, Pool, Result, Route, SocketOption,
    Submission, Time, Token, Turned, WakeGate,
};

use super::bell::Bell;
use super::table::Table;
use super::{options, system};

/// An event loop over poll(2).
pub(crate) struct PollLoop {
    table: Table,
    pool: Pool,
    bell: Bell,
    gate: WakeGate,
    epoch: Instant,
    capabilities: Capabilities,
}

impl PollLoop {
    /// Makes a loop.
    pub(crate) fn new(config: &LoopConfig) -> Result<PollLoop> {
        config.validate()?;
        let (bell, rope) = Bell::new()?;
        Ok(PollLoop {
            table: Table::new(config),
            pool: Pool::new(config.pulled_chunk_size, config.chunks_max),
            bell,
            gate: WakeGate::new(rope),
            epoch: Instant::now(),
            capabilities: capabilities(),
        })
    }

    /// Lets everything go on that can, after waiting for that until the deadline at most.
    fn round(&mut self, deadline: Time) -> Result<()> {
        let mut waits = self.table.waits(self.now());
        let deadline = deadline.min(waits.until);
        let idle = self.table.done.is_empty() && waits.ready.is_empty() && deadline > self.now();
        // From here on wakers ring the bell; if one has fired already, there is no waiting.
        let may_wait = idle && self.gate.begin_wait();
        let timeout = match may_wait {
            false => Some(Duration::ZERO),
            true if deadline.is_never() => None,
            true => Some(deadline.since(self.now())),
        };
        self.table.wait(&mut waits, &self.bell, timeout)?;
        let now = self.now();
        waits.ready.into_iter().for_each(|(id, found)| self.table.advance(id, found, now));
        Ok(())
    }

    /// Makes a read without waiting, after what was put back; into no memory it makes none.
    fn read_now(
        &mut self,
        key: Key,
        has_room: bool,
        read: impl FnOnce(&mut PollLoop) -> Result<usize>,
    ) -> Result<usize> {
        let resource = self.table.live(key)?;
        if !has_room {
            return Err(ErrorKind::InvalidInput.into());
        }
        let first = resource.inward.front().and_then(|id| self.table.ops.get(*id));
        if first.is_some_and(|first| !first.op.is_multishot()) {
            return Err(ErrorKind::WouldBlock.into());
        }
        let result = read(self);
        let exhausted = result.as_ref().is_err_and(polyloop_core::Error::is_would_block);
        self.table.rearm(key, Interest::READABLE, exhausted);
        result
    }

    fn check_outward(&self, key: Key) -> Result<()> {
        let waits = !self.table.live(key)?.outward.is_empty();
        if waits { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
    }
}

impl EventLoop for PollLoop {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        self.table.submit(op, token)
    }

    fn cancel(&mut self, id: OpId) {
        self.table.cancel(id);
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        if self.table.closed {
            return Turned::default();
        }
        if let Err(error) = self.round(deadline) {
            self.table.fail_all(&error);
        }
        let woken = self.gate.end_wait();
        self.bell.quiet();
        while !batch.is_full()
            && let Some(completion) = self.table.done.pop_front()
        {
            batch.push(completion).expect("the batch is not full");
        }
        Turned::new(woken, !self.table.done.is_empty())
    }

    fn now(&self) -> Time {
        Time::ZERO + self.epoch.elapsed()
    }

    fn waker(&self) -> LoopWaker {
        self.gate.waker()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        self.read_now(key, !buf.is_empty(), |this| {
            let resource = this.table.resources.get_mut(key).ok_or(ErrorKind::StaleKey)?;
            resource.read(buf)
        })
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        if system::is_datagram(&self.table.live(key)?.handle) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let mut chunk = self.pool.lease_or_standalone();
        let count = self.try_recv(key, chunk.storage_mut())?;
        chunk.fill(count);
        Ok((count > 0).then_some(chunk))
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        if !system::is_stream(&self.table.live(key)?.handle) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if let Some(resource) = self.table.resources.get_mut(key) {
            resource.unread.push_front(bytes);
        }
        self.table.rearm(key, Interest::READABLE, false);
        Ok(())
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.check_outward(key)?;
        self.table.rearm(key, Interest::WRITABLE, false);
        self.table.live(key)?;
        self.table.resources.get_mut(key).ok_or(ErrorKind::StaleKey)?.write(bufs)
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        let mut from = None;
        let count = self.read_now(key, !buf.is_empty(), |this| {
            let (count, address) = system::recv_from(&this.table.live(key)?.handle, buf)?;
            from = Some(address);
            Ok(count)
        })?;
        Ok((count, from.expect("a datagram was received")))
    }

    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
        self.check_outward(key)?;
        system::send_to(&self.table.live(key)?.handle, bufs, address)
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        options::local_address(&self.table.live(key)?.handle)
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        options::peer_address(&self.table.live(key)?.handle)
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        options::set_option(&self.table.live(key)?.handle, option)
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        options::option(&self.table.live(key)?.handle, name)
    }

    fn census(&mut self) -> Census {
        Census::new(self.table.resources.len(), self.table.ops_count(), self.pool.leased())
    }

    fn next_deadline(&self) -> Time {
        self.table.waits(self.now()).until
    }

    fn close(&mut self, _grace: Duration) -> Closed {
        // The kernel holds nothing of this loop's between calls, so there is nothing to wait for.
        let reaped = self.table.ops_count();
        let config = self.table.config.clone();
        self.table = Table { closed: true, ..Table::new(&config) };
        Closed::new(reaped, 0)
    }
}

fn capabilities() -> Capabilities {
    let mut capabilities = Capabilities::new("poll");
    for kind in OpKind::ALL {
        let route = match kind {
            OpKind::Open => Route::Immediate,
            OpKind::Detach | OpKind::Extension => Route::Unsupported,
            _ => Route::Emulated,
        };
        capabilities.set_route(*kind, route);
    }
    capabilities
}
