//! The route of systems without descriptors of processes, forced by a loop that has none either.

#![cfg(all(feature = "custom", feature = "mio"))]

use polyloop_core::{
    Completion, ErrorKind, EventLoop, Key, Op, OsHandle, Rejected, Result, Submission, Token,
};

use crate::around::{self, Manner};

/// What a loop lacks.
#[derive(Clone, Copy, PartialEq)]
enum Lack {
    /// It takes no mere descriptors.
    Attach,
    /// It knows no op that waits for an exit.
    Op,
}

impl Manner for Lack {
    fn submit(&mut self, inner: &mut dyn EventLoop, op: Op, token: Token) -> Submission {
        match op {
            Op::AwaitExit { .. } if *self == Lack::Op => {
                let unsupported = Err(ErrorKind::Unsupported.into());
                Submission::Done(Completion::terminal(token, unsupported, op))
            }
            op => inner.submit(op, token),
        }
    }

    fn attach(
        &mut self,
        inner: &mut dyn EventLoop,
        handle: OsHandle,
    ) -> Result<Key, Rejected<OsHandle>> {
        match handle {
            OsHandle::Descriptor(_) if *self == Lack::Attach => {
                Err(Rejected::new(ErrorKind::Unsupported.into(), handle))
            }
            handle => inner.attach(handle),
        }
    }
}

#[test]
fn exits_are_told_without_descriptors_of_processes() {
    around::run(Lack::Attach, super::exits::exits_are_told());
    around::run(Lack::Op, super::exits::exits_are_told());
}

#[test]
fn five_hundred_exits_at_once_are_each_told_by_signals_too() {
    around::run(Lack::Attach, super::exits::many_exits_are_told());
}

#[test]
fn two_loops_learn_of_their_own_exits_by_one_signal() {
    let threads: Vec<_> = (0..2)
        .map(|_| std::thread::spawn(|| around::run(Lack::Op, super::exits::exits_are_told())))
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
