use std::fmt;
use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, ErrorKind, EventLoop, GuestWait, Key,
    LoopConfig, LoopWaker, Notify, Op, OpId, OpKind, OptionName, OsHandle, ReceivedHandles,
    Rejected, Result, Route, SocketOption, Submission, Time, Token, Turned, WakeGate, limits,
};
use polyloop_os::Clock;

use crate::engine::{Engine, refuse};
use crate::guest::{DescriptorWait, NotifyShared};
use crate::selector::Selector;

/// An [`EventLoop`] over a [`Selector`].
///
/// `engine` is there until the loop is closed. In a forked child it is leaked untouched: what
/// it holds is the parent's too, and ending a registration in the child would end the parent's.
pub struct ReadinessLoop<S: Selector> {
    engine: Option<Box<Engine<S>>>,
    gate: WakeGate,
    notifier: Arc<dyn Notify>,
    clock: Clock,
    capabilities: Capabilities,
    guest: Option<Arc<File>>,
    process_id: u32,
}

impl<S: Selector> ReadinessLoop<S> {
    /// Makes a loop; `backend` is the name that users know it by. Whoever builds it has
    /// [validated](LoopConfig::validate) the bounds.
    pub fn new(backend: &'static str, selector: S, config: &LoopConfig) -> ReadinessLoop<S> {
        debug_assert!(config.validate().is_ok(), "bounds that no loop can work within");
        let mut capabilities = routes(backend);
        capabilities.guest_descriptor = selector.has_guest_descriptor();
        let (notifier, clock) = (selector.notifier(), Clock::new());
        ReadinessLoop {
            engine: Some(Box::new(Engine::new(selector, clock, config))),
            gate: WakeGate::new(Box::new(NotifyShared(notifier.clone()))),
            notifier,
            clock,
            capabilities,
            guest: None,
            process_id: std::process::id(),
        }
    }

    fn engine(&self) -> Result<&Engine<S>> {
        self.engine.as_deref().ok_or(ErrorKind::LoopClosed.into())
    }

    /// Waits for the sends of the loop's own; what else completes meanwhile nobody hears of any more.
    fn await_own_sends(&mut self) {
        let end = self.clock.now() + limits::LAST_SENDS_WAIT;
        let mut batch = Batch::new();
        while self.engine.as_ref().is_some_and(|engine| engine.soon.in_flight > 0)
            && std::process::id() == self.process_id
            && self.clock.now() < end
        {
            self.turn(end, &mut batch);
            drop(batch.drain());
        }
    }

    fn engine_mut(&mut self) -> Result<&mut Engine<S>> {
        self.engine.as_deref_mut().ok_or(ErrorKind::LoopClosed.into())
    }
}

impl<S: Selector> EventLoop for ReadinessLoop<S> {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        match &mut self.engine {
            Some(engine) => engine.submit(op, token),
            None => refuse(op, token, ErrorKind::LoopClosed),
        }
    }

    fn cancel(&mut self, id: OpId) {
        if let Some(engine) = &mut self.engine {
            engine.cancel(id);
        }
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        match &mut self.engine {
            Some(engine) => engine.turn(deadline, batch, &self.gate),
            None => Turned::new(self.gate.end_wait(), false),
        }
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn waker(&self) -> LoopWaker {
        self.gate.waker()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        self.engine_mut()?.try_recv(key, buf)
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        self.engine_mut()?.try_recv_chunk(key)
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        self.engine_mut()?.unread(key, bytes)
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.engine_mut()?.try_send(key, bufs)
    }

    fn try_send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.engine_mut()?.try_send_soon(key, bufs)
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.engine_mut()?.try_recv_from(key, buf)
    }

    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
        self.engine_mut()?.try_send_to(key, bufs, address)
    }

    fn try_peek(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        self.engine_mut()?.try_peek(key, buf)
    }

    fn try_peek_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.engine_mut()?.try_peek_from(key, buf)
    }

    fn try_recv_vectored(&mut self, key: Key, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.engine_mut()?.try_recv_vectored(key, bufs)
    }

    fn try_send_handles(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        handles: &[File],
    ) -> Result<usize> {
        self.engine_mut()?.try_send_handles(key, bufs, handles)
    }

    fn try_recv_handles(
        &mut self,
        key: Key,
        buf: &mut [u8],
        handles_max: usize,
    ) -> Result<ReceivedHandles> {
        self.engine_mut()?.try_recv_handles(key, buf, handles_max)
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        polyloop_os::local_address(self.engine()?.live(key)?.handle.as_os())
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        let resource = self.engine()?.live(key)?;
        match resource.peer.address() {
            Some(peer) => Ok(peer),
            None => polyloop_os::peer_address(resource.handle.as_os()),
        }
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        self.engine_mut()?.set_option(key, option)
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        polyloop_os::option(self.engine()?.live(key)?.handle.as_os(), name)
    }

    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        let attached = self.engine_mut().and_then(|engine| engine.prepare_handle(&handle));
        match (attached, &mut self.engine) {
            (Ok((kind, restore)), Some(engine)) => Ok(engine.adopt(handle, kind, restore)),
            (Ok(_), None) => Err(Rejected::new(ErrorKind::LoopClosed.into(), handle)),
            (Err(error), _) => Err(Rejected::new(error, handle)),
        }
    }

    fn census(&mut self) -> Census {
        self.engine.as_mut().map_or(Census::default(), |engine| engine.census())
    }

    fn prepare(&mut self) {
        let Some(engine) = &mut self.engine else { return };
        engine.send_gathered();
        let may_wait = self.gate.begin_wait() && engine.jobs.begin_wait();
        if !may_wait || engine.has_work() {
            self.notifier.notify();
        }
    }

    fn next_deadline(&self) -> Time {
        self.engine.as_ref().map_or(Time::NEVER, |engine| engine.next_deadline())
    }

    fn guest_descriptor(&mut self) -> Result<Arc<File>> {
        let engine = self.engine()?;
        if let Some(descriptor) = &self.guest {
            return Ok(descriptor.clone());
        }
        let descriptor = engine.selector.guest_descriptor()?;
        self.guest = Some(descriptor.clone());
        Ok(descriptor)
    }

    fn guest_wait(&mut self) -> Result<Arc<dyn GuestWait>> {
        Ok(Arc::new(DescriptorWait::new(&*self.guest_descriptor()?)?))
    }

    fn close(&mut self, grace: Duration) -> Closed {
        self.await_own_sends();
        let Some(engine) = self.engine.take() else { return Closed::default() };
        if std::process::id() != self.process_id {
            std::mem::forget(engine);
            return Closed::default();
        }
        engine.close(grace)
    }
}

impl<S: Selector> Drop for ReadinessLoop<S> {
    fn drop(&mut self) {
        self.close(limits::DROP_GRACE);
    }
}

impl<S: Selector> fmt::Debug for ReadinessLoop<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadinessLoop")
            .field("backend", &self.capabilities.backend())
            .field("is_closed", &self.engine.is_none())
            .finish_non_exhaustive()
    }
}

/// Says by which route the ops go; one that has several is named by its slowest.
fn routes(backend: &'static str) -> Capabilities {
    use OpKind::{
        Accept, AcceptMulti, Close, Connect, Detach, Link, MakeDirectory, Open, Poll, PollMulti,
        ReadAt, ReadVectoredAt, Recv, RecvFrom, RecvMulti, Remove, Rename, Send, SendFile, SendTo,
        SendVectored, Shutdown, Stat, StatPath, Symlink, Sync, Truncate, WriteAt, WriteVectoredAt,
    };
    let mut capabilities = Capabilities::new(backend)
        .with(Route::Emulated, &[Accept, AcceptMulti, Connect, Recv, RecvMulti, Send])
        .with(Route::Emulated, &[SendVectored, SendFile, RecvFrom, SendTo, Poll, PollMulti])
        .with(Route::Immediate, &[Shutdown, Close, Detach])
        .with(Route::Offloaded, &[Open, ReadAt, WriteAt, ReadVectoredAt, WriteVectoredAt, Sync])
        .with(Route::Offloaded, &[Truncate, Stat, StatPath, Rename, Remove])
        .with(Route::Offloaded, &[MakeDirectory, Link, Symlink]);
    if polyloop_os::TELLS_EXITS {
        capabilities.set_route(OpKind::AwaitExit, Route::Emulated);
    }
    capabilities.attach = true;
    capabilities
}
