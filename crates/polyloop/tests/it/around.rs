//! A real loop with something of its own about how it takes ops on.

#![cfg(all(feature = "custom", feature = "mio"))]

use std::io::IoSlice;
use std::sync::Arc;
use std::time::Duration;

use polyloop::{Backend, Runner};
use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, Completion, EventLoop, FnFactory, Key,
    LoopConfig, LoopFactory, LoopWaker, Op, OpId, OptionName, OsHandle, Rejected, Result,
    SocketOption, Submission, Time, Token, Turned,
};

/// What is done instead of the loop's own methods.
pub(crate) trait Manner: Clone + Send + Sync + 'static {
    fn submit(&mut self, inner: &mut dyn EventLoop, op: Op, token: Token) -> Submission {
        inner.submit(op, token)
    }

    fn attach(
        &mut self,
        inner: &mut dyn EventLoop,
        handle: OsHandle,
    ) -> Result<Key, Rejected<OsHandle>> {
        inner.attach(handle)
    }

    /// Changes a completion before it is told.
    fn told(&mut self, _: &mut Completion) {}
}

/// Runs a future on such a loop.
pub(crate) fn run(manner: impl Manner, future: impl Future<Output = ()> + 'static) {
    let inner = polyloop_mio::factory();
    let factory = FnFactory::new("around", move |config: &LoopConfig| {
        let inner = inner.build(config)?;
        Ok(Box::new(Around { inner, manner: manner.clone() }) as Box<dyn EventLoop>)
    });
    let backend = Backend::Custom(Arc::new(factory));
    let runner = Runner::builder().backend(backend).build().unwrap();
    let within = polyloop::timeout(Duration::from_secs(60), future);
    runner.run(within).unwrap().unwrap();
}

struct Around<M> {
    inner: Box<dyn EventLoop>,
    manner: M,
}

impl<M: Manner> EventLoop for Around<M> {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        self.manner.submit(&mut *self.inner, op, token)
    }

    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        self.manner.attach(&mut *self.inner, handle)
    }

    fn cancel(&mut self, id: OpId) {
        self.inner.cancel(id);
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        let turned = self.inner.turn(deadline, batch);
        let mut completions: Vec<_> = batch.drain().collect();
        for mut completion in completions.drain(..) {
            self.manner.told(&mut completion);
            batch.push(completion).expect("it had room");
        }
        turned
    }

    fn now(&self) -> Time {
        self.inner.now()
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
