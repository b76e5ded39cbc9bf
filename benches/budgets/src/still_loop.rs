use std::io::IoSlice;
use std::time::Duration;

use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, EventLoop, Key, LoopConfig, LoopFactory,
    LoopWaker, Op, OpId, OptionName, Result, SocketOption, Submission, Time, Token, Turned,
};

/// A loop whose clock stands still, and jumps where the loop would wait for a deadline.
///
/// How often a frontend looks at its backend depends on how much time has passed, so with a real
/// clock counts would differ with the machine's speed, which valgrind takes away besides.
struct StillLoop {
    inner: Box<dyn EventLoop>,
    now: Time,
}

/// Makes loops of another factory whose clocks stand still.
pub(crate) struct StillFactory<F>(pub(crate) F);

impl<F: LoopFactory> LoopFactory for StillFactory<F> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>> {
        let inner = self.0.build(config)?;
        Ok(Box::new(StillLoop { inner, now: Time::from_nanos(1) }))
    }
}

impl EventLoop for StillLoop {
    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        if deadline.is_never() {
            return self.inner.turn(Time::NEVER, batch);
        }
        let turned = self.inner.turn(Time::ZERO, batch);
        if batch.is_empty() && !turned.more && !turned.woken {
            self.now = self.now.max(deadline);
        }
        turned
    }

    fn now(&self) -> Time {
        self.now
    }

    fn submit(&mut self, op: Op, token: Token) -> Submission {
        self.inner.submit(op, token)
    }

    fn cancel(&mut self, id: OpId) {
        self.inner.cancel(id);
    }

    fn waker(&self) -> LoopWaker {
        self.inner.waker()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        self.inner.try_recv(key, buf)
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        self.inner.try_recv_chunk(key)
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        self.inner.unread(key, bytes)
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.inner.try_send(key, bufs)
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.inner.try_recv_from(key, buf)
    }

    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
        self.inner.try_send_to(key, bufs, address)
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        self.inner.local_address(key)
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        self.inner.peer_address(key)
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        self.inner.set_option(key, option)
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        self.inner.option(key, name)
    }

    fn census(&mut self) -> Census {
        self.inner.census()
    }

    fn close(&mut self, grace: Duration) -> Closed {
        self.inner.close(grace)
    }
}
