use std::fmt;
use std::io::IoSlice;
use std::time::{Duration, Instant};

use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, ErrorKind, EventLoop, FnFactory, Key,
    LoopConfig, LoopFactory, LoopWaker, Op, OpId, OpKind, OptionName, Result, Route, SocketOption,
    Submission, Time, Token, Turned, WakeGate, limits,
};

use super::bell::Bell;
use super::flaw::Flaw;
use super::world::World;

/// A loop whose network, pipes and files are in memory: the oracle of the suite.
///
/// Nothing outside can make its ops go on, so a turn waits only for the waker and the deadline.
pub struct ModelLoop {
    world: World,
    epoch: Instant,
    bell: Bell,
    gate: WakeGate,
    capabilities: Capabilities,
    /// Turns that will tell a wake again; only a flaw has any.
    echoes: u8,
}

impl ModelLoop {
    /// Makes a loop that keeps the contract.
    pub fn new(config: &LoopConfig) -> ModelLoop {
        ModelLoop::make(config, None)
    }

    /// Makes a loop that breaks the contract in one place.
    pub fn with_flaw(config: &LoopConfig, flaw: Flaw) -> ModelLoop {
        ModelLoop::make(config, Some(flaw))
    }

    fn make(config: &LoopConfig, flaw: Option<Flaw>) -> ModelLoop {
        let bell = Bell::new(flaw);
        ModelLoop {
            world: World::new(config, flaw),
            epoch: Instant::now(),
            gate: WakeGate::new(Box::new(bell.clone())),
            bell,
            capabilities: capabilities(),
            echoes: 0,
        }
    }

    /// Gives the factory of working model loops, `model`.
    pub fn factory() -> impl LoopFactory {
        FnFactory::new("model", |config: &LoopConfig| {
            config.validate()?;
            Ok(Box::new(ModelLoop::new(config)) as Box<dyn EventLoop>)
        })
    }

    fn wait(&mut self, deadline: Time) {
        let timeout = match deadline.is_never() {
            true => None,
            false => Some(deadline.since(self.now())),
        };
        if timeout.is_some_and(|timeout| timeout.is_zero()) {
            return;
        }
        if self.gate.begin_wait() {
            self.bell.wait(timeout);
        }
    }
}

impl EventLoop for ModelLoop {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        self.world.submit(op, token)
    }

    fn cancel(&mut self, id: OpId) {
        self.world.cancel(id);
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        if self.world.closed {
            return Turned::default();
        }
        self.world.do_jobs();
        self.world.settle();
        if self.world.flaw == Some(Flaw::WakeBeforeTurnLost) {
            self.gate.end_wait();
        }
        if self.world.ready.is_empty() {
            self.wait(deadline);
        }
        let more = self.world.deliver(batch);
        let woken = self.gate.end_wait();
        if self.world.flaw == Some(Flaw::WakeToldAgain) {
            self.echoes = if woken { 5 } else { self.echoes.saturating_sub(1) };
        }
        Turned::new(woken || self.echoes > 0, more)
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
        let resource = self.world.live(key)?;
        self.world.check_attempt(resource, buf)?;
        let read = match &resource.body {
            super::resource::Body::Datagram(_) => {
                self.world.read_datagram(key, buf).map(|read| read.map(|(count, _)| count))
            }
            _ => self.world.read(key, buf),
        };
        self.world.settle();
        read?.ok_or(ErrorKind::WouldBlock.into())
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        let resource = self.world.live(key)?;
        if matches!(resource.body, super::resource::Body::Datagram(_)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if self.world.inward_waits(resource) {
            return Err(ErrorKind::WouldBlock.into());
        }
        let read = self.world.read_chunk(key);
        self.world.settle();
        read?.ok_or(ErrorKind::WouldBlock.into())
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        self.world.unread(key, bytes)?;
        self.world.settle();
        Ok(())
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.world.try_send(key, &joined(bufs))
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.world.try_recv_from(key, buf)
    }

    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
        self.world.try_send_to(key, &joined(bufs), address)
    }

    fn try_peek_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.world.try_peek_from(key, buf)
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        self.world.local_address(key)
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        self.world.peer_address(key)
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        self.world.set_option(key, option)
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        self.world.option(key, name)
    }

    fn census(&mut self) -> Census {
        self.world.census()
    }

    fn close(&mut self, _grace: Duration) -> Closed {
        if self.world.closed {
            return Closed::default();
        }
        let reaped = self.world.ops.len();
        let (config, flaw) = (self.world.config.clone(), self.world.flaw);
        let mut closed = World::new(&config, flaw);
        closed.closed = true;
        if flaw == Some(Flaw::CloseKeepsResources) {
            std::mem::swap(&mut closed.resources, &mut self.world.resources);
        }
        self.world = closed;
        Closed::new(reaped, 0)
    }
}

impl fmt::Debug for ModelLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelLoop").finish_non_exhaustive()
    }
}

impl Drop for ModelLoop {
    fn drop(&mut self) {
        self.close(limits::DROP_GRACE);
        if self.world.flaw == Some(Flaw::WakerDiesWithLoop) {
            // A late wake finds somebody waiting, and rings a bell that is gone.
            self.gate.begin_wait();
            self.bell.break_apart();
        }
    }
}

fn joined(bufs: &[IoSlice<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bufs.iter().for_each(|buf| bytes.extend_from_slice(buf));
    bytes
}

fn capabilities() -> Capabilities {
    let mut capabilities = Capabilities::new("model");
    for kind in OpKind::ALL {
        let route = match kind {
            OpKind::Open
            | OpKind::StatPath
            | OpKind::Rename
            | OpKind::Remove
            | OpKind::MakeDirectory
            | OpKind::Link
            | OpKind::Symlink => Route::Immediate,
            OpKind::AwaitExit | OpKind::Detach | OpKind::Extension => Route::Unsupported,
            _ => Route::Native,
        };
        capabilities.set_route(*kind, route);
    }
    capabilities.receives_ahead = true;
    capabilities
}
