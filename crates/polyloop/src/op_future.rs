use std::pin::Pin;
use std::task::{Context, Poll, ready};

use polyloop_core::{Completion, Error, ErrorKind, Key, Op, Output, Result, Token};

use crate::engine::{self, Begun, LoopId, WaitId};

/// One op, from its submission (at the first poll) to its completion.
///
/// Dropping it cancels the op; the loop keeps what the op owns until the kernel is done with it,
/// closes what it would still have opened, and puts back what it would still have received.
#[derive(Debug)]
#[must_use]
pub(crate) struct OpFuture {
    home: Option<LoopId>,
    state: State,
}

#[derive(Debug)]
enum State {
    New(Op),
    Waiting(WaitId),
    Done,
}

impl OpFuture {
    pub(crate) fn new(home: impl Into<Option<LoopId>>, op: Op) -> OpFuture {
        OpFuture { home: home.into(), state: State::New(op) }
    }

    /// Tells whether the op has not been submitted yet.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.state, State::New(_))
    }

    /// Ends where the loop is gone: the op comes back if it has not been submitted.
    #[cold]
    fn end(&mut self) -> Completion {
        let op = match std::mem::replace(&mut self.state, State::Done) {
            State::New(op) => Some(op),
            _ => None,
        };
        let mut completion = Completion::more(Token::default(), Output::Done);
        (completion.result, completion.op) = (Err(engine::not_here()), op);
        completion
    }
}

impl Future for OpFuture {
    type Output = Completion;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Completion> {
        let Some(engine) = self.home.and_then(engine::find) else {
            return Poll::Ready(self.end());
        };
        match self.state {
            State::New(_) => ready!(engine.poll_spend(cx)),
            State::Waiting(wait) => {
                let completion = match engine.take_completion(wait, cx.waker()) {
                    Some(completion) => completion,
                    None => return Poll::Pending,
                };
                self.state = State::Done;
                return Poll::Ready(completion);
            }
            State::Done => panic!("an op was polled after its end"),
        }
        let State::New(op) = std::mem::replace(&mut self.state, State::Done) else {
            unreachable!("checked above")
        };
        match engine.begin_waking(op, cx.waker()) {
            Begun::Done(completion) => Poll::Ready(completion),
            Begun::Waiting(wait) => {
                self.state = State::Waiting(wait);
                Poll::Pending
            }
        }
    }
}

impl Drop for OpFuture {
    fn drop(&mut self) {
        if let State::Waiting(wait) = self.state
            && let Some(engine) = self.home.and_then(engine::find)
        {
            engine.abandon(wait);
        }
    }
}

/// Takes the key out of what an open or accept gave.
pub(crate) fn opened(completion: Completion) -> Result<Key> {
    match completion.result? {
        Output::Opened(key) | Output::Accepted(key) => Ok(key),
        other => Err(wrong_answer(&other)),
    }
}

/// The error of a backend that breaks its contract.
pub(crate) fn wrong_answer(output: &Output) -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting(format_args!("understand a backend that answered {output:?}"))
}
