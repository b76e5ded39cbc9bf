//! A real loop with something of its own about how it takes ops on.

#![cfg(all(feature = "custom", feature = "mio"))]

use std::sync::Arc;
use std::time::Duration;

use polyloop::{Backend, Runner};
use polyloop_core::{
    Batch, Completion, EventLoop, FnFactory, Key, LoopConfig, LoopFactory, Op, OsHandle, Rejected,
    Result, Submission, Time, Token, Turned, forward_to_loop,
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

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        let turned = self.inner.turn(deadline, batch);
        let mut completions: Vec<_> = batch.drain().collect();
        for mut completion in completions.drain(..) {
            self.manner.told(&mut completion);
            batch.push(completion).expect("it had room");
        }
        turned
    }

    forward_to_loop!(this => this.inner;
        cancel, now, waker, capabilities, try_recv, try_recv_chunk, unread, try_send, try_send_soon,
        try_recv_from, try_send_to, try_peek, try_peek_from, try_recv_vectored, try_send_handles,
        try_recv_handles, local_address, peer_address, set_option, option, census, prepare,
        next_deadline, guest_descriptor, guest_wait, close);
}
