use std::collections::VecDeque;
use std::time::{Duration, Instant};

use polyloop_core::{
    Batch, Buffer, Completion, Error, EventLoop, Key, Op, OpId, OpKind, Output, SocketOption,
    Submission, Token, Turned,
};

/// A loop under test, and what it has delivered so far.
///
/// It judges nothing by itself: a case sees exactly what came, in the order in which it came.
/// `delivered` holds what no case has asked for yet.
pub(crate) struct Rig {
    pub(crate) events: Box<dyn EventLoop>,
    patience: Duration,
    transport: Transport,
    batch: Batch,
    delivered: VecDeque<Completion>,
    tokens: u64,
}

/// One submission: how to find its completions, and how to cancel it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) token: Token,
    /// Nothing if the loop answered *done*.
    pub(crate) id: Option<OpId>,
    pub(crate) kind: OpKind,
}

/// What the connections of [`Rig::pair`] are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Transport {
    Tcp,
    Unix,
}

/// One wait slice of a loop; a wait looks at its own deadline at least that often.
const SLICE: Duration = Duration::from_millis(50);

/// Turns within one wait, for loops whose clock jumps.
const TURNS_MAX: usize = 1_000_000;

impl Rig {
    pub(crate) fn new(events: Box<dyn EventLoop>, patience: Duration, transport: Transport) -> Rig {
        let (batch, delivered) = (Batch::new(), VecDeque::new());
        Rig { events, patience, transport, batch, delivered, tokens: 0 }
    }

    /// Delivers at most `capacity` completions a turn from now on.
    pub(crate) fn set_batch(&mut self, capacity: usize) {
        self.batch = Batch::with_capacity(capacity);
    }

    /// Gives how long one thing is waited for.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Gives what connections are made of.
    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    /// Submits with a token of its own.
    pub(crate) fn submit(&mut self, op: Op) -> Ticket {
        self.tokens += 1;
        let (token, kind) = (Token(self.tokens), op.kind());
        let id = match self.events.submit(op, token) {
            Submission::Queued(id) => Some(id),
            Submission::Done(completion) => {
                self.delivered.push_back(completion);
                None
            }
        };
        Ticket { token, id, kind }
    }

    /// Cancels; an op that was done at once has nothing to cancel.
    pub(crate) fn cancel(&mut self, ticket: Ticket) {
        if let Some(id) = ticket.id {
            self.events.cancel(id);
        }
    }

    /// Turns once, waiting at most that long, and keeps what came.
    pub(crate) fn turn(&mut self, wait: Duration) -> Turned {
        let deadline = self.events.now() + wait;
        let turned = self.events.turn(deadline, &mut self.batch);
        self.delivered.extend(self.batch.drain());
        turned
    }

    /// Keeps what a turn of the case's own delivered.
    pub(crate) fn keep(&mut self, mut batch: Batch) {
        self.delivered.extend(batch.drain());
    }

    /// Turns until `reached` gives something.
    ///
    /// # Panics
    ///
    /// When patience or the turns run out, saying `what` was waited for.
    pub(crate) fn wait<T>(
        &mut self,
        what: &str,
        mut reached: impl FnMut(&mut Rig) -> Option<T>,
    ) -> T {
        let expires = Instant::now() + self.patience;
        for _ in 0..TURNS_MAX {
            if let Some(value) = reached(self) {
                return value;
            }
            let left = expires.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited {:?} in vain for {what}", self.patience);
            self.turn(left.min(SLICE));
        }
        panic!("waited {TURNS_MAX} turns in vain for {what}");
    }

    /// Turns for that long, whatever comes.
    pub(crate) fn linger(&mut self, time: Duration) {
        let expires = Instant::now() + time;
        loop {
            let left = expires.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            self.turn(left.min(SLICE));
        }
    }

    /// Takes the next completion of a submission, if it has come.
    pub(crate) fn take(&mut self, ticket: Ticket) -> Option<Completion> {
        let index = self.delivered.iter().position(|done| done.token == ticket.token)?;
        self.delivered.remove(index)
    }

    /// Takes everything that has come, in order.
    pub(crate) fn take_all(&mut self) -> Vec<Completion> {
        self.delivered.drain(..).collect()
    }

    /// Waits for the next completion of a submission, terminal or not.
    pub(crate) fn next(&mut self, ticket: Ticket) -> Completion {
        let what = format!("a completion of {} ({:?})", ticket.kind.name(), ticket.token);
        self.wait(&what, |rig| rig.take(ticket))
    }

    /// Waits for the terminal completion of a submission, passing over others.
    pub(crate) fn finish(&mut self, ticket: Ticket) -> Completion {
        let what = format!("the end of {} ({:?})", ticket.kind.name(), ticket.token);
        self.wait(&what, |rig| {
            while let Some(completion) = rig.take(ticket) {
                if !completion.is_more() {
                    return Some(completion);
                }
            }
            None
        })
    }

    /// Does an op to its end.
    pub(crate) fn end_of(&mut self, op: Op) -> Completion {
        let ticket = self.submit(op);
        self.finish(ticket)
    }

    /// Does an op that must succeed.
    pub(crate) fn ok(&mut self, op: Op) -> (Output, Op) {
        let ticket = self.submit(op);
        self.succeed(ticket)
    }

    /// Waits for the end of a submission that must succeed.
    pub(crate) fn succeed(&mut self, ticket: Ticket) -> (Output, Op) {
        let name = ticket.kind.name();
        let completion = self.finish(ticket);
        let op = completion.op.expect("a terminal completion gives the op back");
        match completion.result {
            Ok(output) => (output, op),
            Err(error) => panic!("expected {name} to succeed, it failed: {error}"),
        }
    }

    /// Does an op that must fail.
    pub(crate) fn err(&mut self, op: Op) -> (Error, Op) {
        let ticket = self.submit(op);
        self.fail(ticket)
    }

    /// Waits for the end of a submission that must fail.
    pub(crate) fn fail(&mut self, ticket: Ticket) -> (Error, Op) {
        let name = ticket.kind.name();
        let completion = self.finish(ticket);
        let op = completion.op.expect("a terminal completion gives the op back");
        match completion.result {
            Ok(output) => panic!("expected {name} to fail, it succeeded: {output:?}"),
            Err(error) => (error, op),
        }
    }

    /// Waits for the end of a submission that moves bytes, and gives how many with the buffer.
    pub(crate) fn transferred(&mut self, ticket: Ticket) -> (usize, Buffer) {
        match self.succeed(ticket) {
            (Output::Transferred(count), op) => (count, buffer_of(op)),
            (other, _) => panic!("{} gave {other:?}, not a transfer", ticket.kind.name()),
        }
    }

    /// Waits for a *more* completion.
    pub(crate) fn more(&mut self, ticket: Ticket) -> Output {
        let name = ticket.kind.name();
        let completion = self.next(ticket);
        assert!(completion.is_more(), "expected {name} to go on, it ended: {completion:?}");
        completion.result.unwrap_or_else(|error| panic!("{name} goes on, with an error: {error}"))
    }

    /// Checks that nothing comes of a submission for that long.
    pub(crate) fn silent(&mut self, ticket: Ticket, time: Duration) {
        self.linger(time);
        if let Some(completion) = self.take(ticket) {
            panic!("expected nothing of {}, there came {completion:?}", ticket.kind.name());
        }
    }

    /// Gives the order, as indices, in which the terminal completions of `tickets` come.
    pub(crate) fn order_of(&mut self, tickets: &[Ticket]) -> Vec<usize> {
        let mut order = Vec::new();
        self.wait("the end of every op of a row", |rig| {
            for completion in rig.take_all() {
                if completion.is_more() {
                    continue;
                }
                let index = tickets.iter().position(|ticket| ticket.token == completion.token);
                order.extend(index);
            }
            (order.len() >= tickets.len()).then_some(())
        });
        order
    }

    /// Closes a connection with a reset, and waits for that.
    pub(crate) fn reset(&mut self, key: Key) {
        let linger = SocketOption::Linger(Some(Duration::ZERO));
        self.events.set_option(key, linger).expect("linger can be set");
        self.close(key);
    }

    /// Closes a key, flushing, and waits for that.
    pub(crate) fn close(&mut self, key: Key) {
        let (output, _) = self.ok(Op::Close { key, mode: polyloop_core::CloseMode::Flush });
        assert!(matches!(output, Output::Done), "close gave {output:?}");
    }
}

/// Takes the one buffer out of an op.
pub(crate) fn buffer_of(op: Op) -> Buffer {
    match op {
        Op::Recv { buffer, .. }
        | Op::Send { buffer, .. }
        | Op::RecvFrom { buffer, .. }
        | Op::SendTo { buffer, .. }
        | Op::ReadAt { buffer, .. }
        | Op::WriteAt { buffer, .. } => buffer,
        other => panic!("{} has no buffer of its own", other.kind().name()),
    }
}
