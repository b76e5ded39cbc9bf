//! The route of systems without descriptors of processes, forced by a loop that has none either.

#![cfg(all(feature = "custom", feature = "mio"))]

use std::sync::Arc;
use std::time::Duration;

use polyloop::{Backend, Runner};
use polyloop_core::{
    Completion, ErrorKind, EventLoop, FnFactory, Key, LoopConfig, LoopFactory, Op, OsHandle,
    Rejected, Result, Submission, Token, forward_to_loop,
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

    forward_to_loop!(this => this.inner;
        cancel, turn, now, waker, capabilities, try_recv, try_recv_chunk, unread, try_send,
        try_recv_from, try_send_to, try_peek, try_peek_from, try_recv_vectored, try_send_handles,
        try_recv_handles, local_address, peer_address, set_option, option, census, prepare,
        next_deadline, guest_descriptor, guest_wait, close);
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
