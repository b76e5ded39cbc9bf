//! The route of systems without descriptors of processes, forced by a loop that has none either.

#![cfg(all(feature = "custom", feature = "mio"))]

use std::io::IoSlice;
use std::sync::Arc;
use std::time::Duration;

use polyloop::{Backend, Runner};
use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, Completion, ErrorKind, EventLoop,
    FnFactory, Key, LoopConfig, LoopFactory, LoopWaker, Op, OpId, OptionName, OsHandle, Rejected,
    Result, SocketOption, Submission, Time, Token, Turned,
};

/// What a loop lacks.
#[derive(Clone, Copy, PartialEq)]
enum Lack {
    /// It takes no mere descriptors.
    Attach,
    /// It knows no op that waits for an exit.
    Op,
}

struct Lacking {
    inner: Box<dyn EventLoop>,
    lack: Lack,
}

impl EventLoop for Lacking {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        match op {
            Op::AwaitExit { .. } if self.lack == Lack::Op => {
                let unsupported = Err(ErrorKind::Unsupported.into());
                Submission::Done(Completion::terminal(token, unsupported, op))
            }
            op => self.inner.submit(op, token),
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

fn run_without(lack: Lack, future: impl Future<Output = ()> + 'static) {
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

#[test]
fn exits_are_told_without_descriptors_of_processes() {
    run_without(Lack::Attach, super::exits::exits_are_told());
    run_without(Lack::Op, super::exits::exits_are_told());
}

#[test]
fn five_hundred_exits_at_once_are_each_told_by_signals_too() {
    run_without(Lack::Attach, super::exits::many_exits_are_told());
}

#[test]
fn two_loops_learn_of_their_own_exits_by_one_signal() {
    let threads: Vec<_> = (0..2)
        .map(|_| std::thread::spawn(|| run_without(Lack::Op, super::exits::exits_are_told())))
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
