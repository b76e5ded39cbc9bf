//! Loops that lack something, for the portable routes of the frontend.

#![cfg(all(feature = "custom", feature = "mio"))]

use std::io::IoSlice;
use std::sync::Arc;
use std::time::Duration;

use polyloop::{Backend, Runner};
use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, Completion, ErrorKind, EventLoop,
    FnFactory, Key, LoopConfig, LoopFactory, LoopWaker, Op, OpId, OpKind, OptionName, OsHandle,
    Rejected, Result, SocketOption, Submission, Time, Token, Turned,
};

/// What a loop lacks.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Lack {
    /// It takes no mere descriptors.
    Attach,
    /// It does not know ops of these kinds.
    Ops(&'static [OpKind]),
}

struct Lacking {
    inner: Box<dyn EventLoop>,
    lack: Lack,
}

impl EventLoop for Lacking {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        match self.lack {
            Lack::Ops(kinds) if kinds.contains(&op.kind()) && !is_socket(&op) => {
                let unsupported = Err(ErrorKind::Unsupported.into());
                Submission::Done(Completion::terminal(token, unsupported, op))
            }
            _ => self.inner.submit(op, token),
        }
    }

    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        match handle {
            OsHandle::Descriptor(_) if self.lack == Lack::Attach => {
                Err(Rejected::new(ErrorKind::Unsupported.into(), handle))
            }
            handle => self.inner.attach(handle),
        }
    }

    fn cancel(&mut self, id: OpId) {
        self.inner.cancel(id);
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        self.inner.turn(deadline, batch)
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

/// Tells whether an op opens something else than a file.
fn is_socket(op: &Op) -> bool {
    matches!(op, Op::Open { spec } if !matches!(**spec, polyloop_core::OpenSpec::File(_)))
}

/// Runs a future on a loop that lacks something.
pub(crate) fn run_without(lack: Lack, future: impl Future<Output = ()> + 'static) {
    let inner = polyloop_mio::factory();
    let factory = FnFactory::new("lacking", move |config: &LoopConfig| {
        let inner = inner.build(config)?;
        Ok(Box::new(Lacking { inner, lack }) as Box<dyn EventLoop>)
    });
    let backend = Backend::Custom(Arc::new(factory));
    let runner = Runner::builder().backend(backend).build().unwrap();
    let within = polyloop::timeout(Duration::from_secs(60), future);
    runner.run(within).unwrap().unwrap();
}
