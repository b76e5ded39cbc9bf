//! What waits for a completion: one entry for each op that the frontend has in flight.

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use polyloop_core::{
    CloseMode, Completion, Error, EventLoop, Interest, Key, Op, OpId, OpKind, Output, Result, Slab,
    SlabKey, Submission, Token, limits,
};

use super::Engine;
use super::effect::Effect;
use super::told::Told;
use super::wait_id::WaitId;
use crate::task::{Awaited, LocalWaker, awaited};

/// The token of ops whose end nobody waits for. No entry has generation zero.
const NOBODY: Token = Token(0);

/// What is waited for. `completions` and `accepts` hold what an op has brought and nobody has taken, by itself because it
/// is large and most entries have nothing: a connection that waits has an entry all the time.
///
/// Each entry of these two belongs to one of `entries`, which names it.
#[derive(Default)]
pub(crate) struct Waits {
    pub(super) entries: Slab<WaitId, Wait>,
    completions: Slab<WaitId, Completion>,
    accepts: Slab<WaitId, Accepts>,
}

/// An op in flight, and who wants to know: of which kind it is and of what, for who looks.
pub(super) struct Wait {
    pub(super) told: Told,
    key: Key,
    op: OpId,
    /// Where what the op has brought is, if the kind says that there is such.
    brought: u32,
    kind: WaitKind,
    op_kind: OpKind,
}

// A server has one for each connection.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Wait>() <= 48);

/// No op, and no resource: generation zero is never minted.
const NO_OP: OpId = OpId::from_bits(0);
const NO_KEY: Key = Key::from_bits(0);

/// What completions of an entry do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitKind {
    /// There will be one, which is kept until its future or handler takes it.
    Once,
    /// It is there: something was brought.
    Completed,
    /// A multishot receive: completions only tell.
    Readable,
    /// A multishot accept, which has brought something from the first.
    Accepts,
    /// Nobody is interested any more.
    Abandoned,
}

/// What was accepted, and perhaps why it ended.
#[derive(Default)]
struct Accepts {
    accepted: VecDeque<Key>,
    ended: Option<Error>,
}

/// How an op began.
pub(crate) enum Begun {
    Done(Completion),
    Waiting(WaitId),
}

impl Waits {
    /// Files a completion with its entry.
    #[inline]
    pub(super) fn complete(&mut self, completion: Completion) -> Effect {
        let found =
            WaitId::of(completion.token).and_then(|id| Some((id, self.entries.get_mut(id)?)));
        let Some((id, wait)) = found else { return Effect::Discard(completion) };
        let terminal = !completion.is_more();
        let op = wait.op;
        if terminal {
            wait.op = NO_OP;
        }
        let mut cancel = None;
        match wait.kind {
            WaitKind::Abandoned => {
                if terminal {
                    self.entries.remove(id);
                }
                return Effect::Discard(completion);
            }
            WaitKind::Once => {
                wait.kind = WaitKind::Completed;
                wait.brought = self.completions.insert(completion).index();
            }
            // A backend that breaks its contract: one that completes an op twice.
            WaitKind::Completed => return Effect::Discard(completion),
            WaitKind::Readable => {}
            WaitKind::Accepts => {
                let brought = self.accepts.key_at(wait.brought);
                let brought = brought.and_then(|brought| self.accepts.get_mut(brought));
                if let Some(Accepts { accepted, ended }) = brought {
                    match completion.result {
                        Ok(Output::Accepted(key)) => {
                            accepted.push_back(key);
                            if accepted.len() == limits::ACCEPTED_WAITING_MAX && !terminal {
                                cancel = Some(op);
                            }
                        }
                        Ok(_) => {}
                        Err(error) if error.is_canceled() => {}
                        Err(error) => *ended = Some(error),
                    }
                }
            }
        }
        let effect = wait.told.told(id);
        match cancel {
            None => effect,
            Some(op) => Effect::Cancel(op, Box::new(effect)),
        }
    }

    /// Files that there is something to read, which nothing comes with; gives what else that causes than a task's
    /// waking.
    #[inline]
    pub(super) fn readable(&mut self, token: Token) -> Option<Effect> {
        let id = WaitId::of(token)?;
        let told = &mut self.entries.get_mut(id)?.told;
        if told.wake_task() { None } else { Some(told.told_readable(id)) }
    }

    /// Adds an op that was queued; it has the token that was next.
    #[inline]
    fn insert(&mut self, kind: WaitKind, told: Told, what: (OpKind, Key), op: OpId) -> WaitId {
        let brought = match kind {
            WaitKind::Accepts => self.accepts.insert(Accepts::default()).index(),
            _ => 0,
        };
        let (op_kind, key) = what;
        self.entries.insert(Wait { told, key, op, brought, kind, op_kind })
    }

    /// Takes the completion of an entry and the entry with it, and who was to be told if dropping that may run the user's
    /// code.
    #[inline]
    fn take_completed(&mut self, id: WaitId) -> Option<(Completion, Option<Told>)> {
        let wait = self.entries.get_mut(id).filter(|wait| wait.kind == WaitKind::Completed)?;
        let told = match wait.told {
            Told::Nobody | Told::Task { .. } => None,
            _ => Some(std::mem::replace(&mut wait.told, Told::Nobody)),
        };
        let brought = self.completions.key_at(wait.brought);
        self.entries.discard(id);
        Some((self.completions.remove(brought?)?, told))
    }

    /// Gives the kind of every op in flight that somebody waits for.
    fn kinds(&self) -> impl Iterator<Item = OpKind> {
        let in_flight = self
            .entries
            .iter()
            .filter(|(_, wait)| wait.is_in_flight() && wait.kind != WaitKind::Abandoned);
        in_flight.map(|(_, wait)| wait.op_kind)
    }
}

impl Wait {
    /// Gives the kind of op, and of what it is.
    pub(super) fn what(&self) -> (OpKind, Option<Key>) {
        (self.op_kind, (self.key != NO_KEY).then_some(self.key))
    }

    /// Tells whether the op has not ended.
    #[inline]
    pub(super) fn is_in_flight(&self) -> bool {
        self.op != NO_OP
    }

    fn op(&self) -> Option<OpId> {
        self.is_in_flight().then_some(self.op)
    }
}

impl Engine {
    /// Submits an op whose one completion is waited for.
    pub(crate) fn begin(&self, op: Op) -> Begun {
        self.submit(op, WaitKind::Once)
    }

    /// Submits a multishot receive: its completions only wake.
    pub(crate) fn begin_readable(&self, key: Key) -> Begun {
        self.submit(Op::RecvMulti { key }, WaitKind::Readable)
    }

    /// Submits a multishot poll for something to read: its completions only tell.
    pub(crate) fn begin_poll_readable(&self, key: Key) -> Begun {
        let interest = Interest::READABLE;
        self.submit(Op::PollMulti { key, interest }, WaitKind::Readable)
    }

    /// Submits a multishot accept.
    pub(crate) fn begin_accepts(&self, key: Key) -> Begun {
        self.submit(Op::AcceptMulti { key }, WaitKind::Accepts)
    }

    /// Submits an op whose end nobody waits for.
    pub(crate) fn submit_and_forget(&self, op: Op) {
        if let Submission::Done(completion) = self.with_driver(|driver| driver.submit(op, NOBODY)) {
            self.discard(completion);
        }
    }

    /// Submits an op whose one completion wakes `waker`.
    #[inline]
    pub(crate) fn begin_waking(&self, op: Op, waker: &Waker) -> Begun {
        self.submit_telling(op, WaitKind::Once, Some(waker))
    }

    fn submit(&self, op: Op, kind: WaitKind) -> Begun {
        self.submit_telling(op, kind, None)
    }

    #[inline]
    fn submit_telling(&self, op: Op, kind: WaitKind, waker: Option<&Waker>) -> Begun {
        let what = (op.kind(), op.key().unwrap_or(NO_KEY));
        // An op that is done at once needs no entry. Submitting calls nobody, so the next key is the entry's.
        let next = self.waits.borrow().entries.next_key();
        let op = match self.with_driver(|driver| driver.submit(op, next.token())) {
            Submission::Done(completion) => return Begun::Done(completion),
            Submission::Queued(op) => op,
        };
        let task = waker.and_then(LocalWaker::of);
        let is_told = task.is_some();
        let told = task.map_or(Told::Nobody, |task| Told::Task { task, armed: true });
        let id = self.waits.borrow_mut().insert(kind, told, what, op);
        assert!(id == next, "an op was submitted while another was");
        match waker {
            Some(_) if is_told => {
                let (kind, key) = what;
                awaited::note(Awaited::Op(kind, (key != NO_KEY).then_some(key)));
            }
            Some(waker) => self.wake_first_on(id, waker),
            None => {}
        }
        Begun::Waiting(id)
    }

    /// Takes the one completion if it is there, else has it wake `waker`.
    #[inline]
    pub(crate) fn take_completion(&self, id: WaitId, waker: &Waker) -> Option<Completion> {
        let completion = self.take_completed(id);
        if completion.is_none() {
            self.wake_on(id, waker);
        }
        completion
    }

    /// Takes the one completion of an entry whose handler was called.
    #[inline]
    pub(crate) fn take_completed(&self, id: WaitId) -> Option<Completion> {
        let (completion, told) = self.waits.borrow_mut().take_completed(id)?;
        // Nothing is borrowed any more.
        drop(told);
        Some(completion)
    }

    /// Tells whether a multishot op still goes on.
    pub(crate) fn is_in_flight(&self, id: WaitId) -> bool {
        self.waits.borrow().entries.get(id).is_some_and(Wait::is_in_flight)
    }

    /// Asks for an op to end soon, and still waits for what comes of it.
    pub(crate) fn cancel(&self, id: WaitId) {
        let op = self.waits.borrow().entries.get(id).and_then(Wait::op);
        if let Some(op) = op {
            self.with_driver(|driver| driver.cancel(op));
        }
    }

    /// Counts the ops in flight by kind, kinds without any left out.
    pub(crate) fn ops_in_flight(&self) -> Vec<(OpKind, usize)> {
        let mut counts = vec![0; OpKind::ALL.len()];
        self.waits.borrow().kinds().for_each(|kind| counts[kind.index()] += 1);
        let counted = OpKind::ALL.iter().copied().zip(counts);
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// Takes the next accepted connection, or why there will be none.
    pub(crate) fn take_accepted(&self, id: WaitId) -> Option<Result<Key>> {
        let waits = &mut *self.waits.borrow_mut();
        let wait = waits.entries.get(id).filter(|wait| wait.kind == WaitKind::Accepts)?;
        let brought = waits.accepts.key_at(wait.brought)?;
        let Accepts { accepted, ended } = waits.accepts.get_mut(brought)?;
        accepted.pop_front().map(Ok).or_else(|| ended.take().map(Err))
    }

    /// Gives an entry up: its op is cancelled, and what it still brings is discarded.
    pub(crate) fn abandon(&self, id: WaitId) {
        let mut waits = self.waits.borrow_mut();
        let Some(wait) = waits.entries.get_mut(id) else { return };
        let kind = std::mem::replace(&mut wait.kind, WaitKind::Abandoned);
        let brought = wait.brought;
        let told = std::mem::replace(&mut wait.told, Told::Nobody);
        let op = wait.op();
        if op.is_none() {
            drop(waits.entries.remove(id));
        }
        let (mut completion, mut accepts) = (None, None);
        match kind {
            WaitKind::Completed => {
                let brought = waits.completions.key_at(brought);
                completion = brought.and_then(|brought| waits.completions.remove(brought));
            }
            WaitKind::Accepts => {
                let brought = waits.accepts.key_at(brought);
                accepts = brought.and_then(|brought| waits.accepts.remove(brought));
            }
            WaitKind::Once | WaitKind::Readable | WaitKind::Abandoned => {}
        }
        drop(waits);
        drop(told);
        if let Some(completion) = completion {
            self.discard(completion);
        }
        let accepted = accepts.into_iter().flat_map(|accepts| accepts.accepted);
        accepted.for_each(|key| self.abort(key));
        if let Some(op) = op {
            self.with_driver(|driver| driver.cancel(op));
        }
    }

    /// Does away with a completion that nobody wants: nothing that was opened leaks, nothing
    /// that was read is lost, and a lent buffer comes back.
    pub(super) fn discard(&self, completion: Completion) {
        match completion.result {
            Ok(Output::Accepted(key) | Output::Opened(key)) => self.abort(key),
            Ok(Output::OpenedPair { read, write }) => {
                self.abort(read);
                self.abort(write);
            }
            _ => {}
        }
        match completion.op {
            Some(Op::Send { buffer, .. }) => self.return_buffer(buffer),
            Some(Op::Recv { key, buffer }) if !buffer.is_empty() => {
                // Only a closed stream refuses, and then nobody will read.
                let _ = self.with_driver(|driver| driver.unread(key, &buffer));
            }
            _ => {}
        }
    }

    /// Closes a resource that nobody will use, dropping what it had to send.
    fn abort(&self, key: Key) {
        self.submit_and_forget(Op::Close { key, mode: CloseMode::Abort });
    }

    /// Drops every entry, for the loop's end.
    pub(super) fn clear_waits(self: &Rc<Self>) {
        let waits = std::mem::take(&mut *self.waits.borrow_mut());
        let handler = |wait: &Wait| match &wait.told {
            Told::Handler { handler, .. } => Some(handler.clone()),
            _ => None,
        };
        let handlers: Vec<_> = waits.entries.iter().filter_map(|(_, wait)| handler(wait)).collect();
        drop(waits);
        for handler in handlers {
            self.reporter.guard(|| handler.on_loop_closed());
        }
    }
}
