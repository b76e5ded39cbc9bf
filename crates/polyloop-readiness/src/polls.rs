//! Polls, which tell readiness and consume nothing; and waits for the exit of a process, whose
//! descriptor becomes readable then.

use polyloop_core::{Batch, Completion, Interest, Key, Op, Output, Result, Submission, Token};

use crate::engine::Engine;
use crate::op_table::{Flight, Place};
use crate::resource::Resource;
use crate::selector::Selector;

impl<S: Selector> Engine<S> {
    /// Answers a poll whose readiness is there, and queues it otherwise.
    pub(crate) fn submit_poll(&mut self, key: Key, op: Op, token: Token) -> Submission {
        let is_multi = op.is_multishot();
        let resource = self.resources.get_mut(key).expect("checked by submit");
        let found = match look(resource, &op) {
            Ok(Some(output)) if !is_multi => {
                return Submission::Done(Completion::terminal(token, Ok(output), op));
            }
            Ok(found) => found,
            Err(error) => return Submission::Done(Completion::terminal(token, Err(error), op)),
        };
        let flight = Flight::new(op, token, Place::Polls);
        let id = self.ops.insert_last(&mut resource.polls, flight);
        if let Err(error) = self.watch(key) {
            let resource = self.resources.get_mut(key).expect("it was there above");
            let flight = self.ops.remove_from(&mut resource.polls, id).expect("queued just now");
            return Submission::Done(flight.complete(Err(error)));
        }
        if let Some(output) = found {
            self.post(Completion::more(token, output));
        }
        Submission::Queued(id)
    }

    /// Looks after an event which polls it answers; stops when the batch is full.
    ///
    /// Tells whether the polls have to be looked at again without an event.
    pub(crate) fn serve_polls(&mut self, key: Key, batch: &mut Batch) -> bool {
        let Some(resource) = self.resources.get_mut(key) else { return false };
        let news = resource.news;
        let mut next = resource.polls.first();
        while let Some(id) = next {
            next = self.ops.next(id);
            let flight = self.ops.get(id).expect("polls are in flight");
            let op = flight.op.as_ref().expect("no thread has a poll");
            let (interest, is_multi, token) = (interest_of(op), op.is_multishot(), flight.token);
            if interest.intersection(news).is_none() {
                continue;
            }
            if batch.is_full() {
                return true;
            }
            let resource = self.resources.get_mut(key).expect("it is being served");
            let result = match look(resource, op) {
                Ok(None) => continue,
                Ok(Some(output)) => Ok(output),
                Err(error) => Err(error),
            };
            let completion = match result {
                Ok(output) if is_multi => Completion::more(token, output),
                result => {
                    let list = &mut resource.polls;
                    let flight = self.ops.remove_from(list, id).expect("it is on the list");
                    flight.complete(result)
                }
            };
            batch.push(completion).expect("the batch was not full");
        }
        false
    }
}

/// Asks the kernel, and what the loop itself holds unread; nothing if it is not there yet.
fn look(resource: &mut Resource, op: &Op) -> Result<Option<Output>> {
    let interest = interest_of(op);
    if let Op::AwaitExit { .. } = op {
        return match polyloop_os::exit_now(resource.handle.as_os()) {
            Err(error) if error.is_would_block() => Ok(None),
            result => result.map(|exit| Some(Output::Exited(exit))),
        };
    }
    let mut found = polyloop_os::poll_now(resource.handle.as_os(), interest)?;
    // Who is told that tries next, and no event may come before.
    resource.note_found(found);
    if resource.inbound.is_readable() {
        found |= Interest::READABLE.intersection(interest);
    }
    Ok((!found.is_none()).then_some(Output::Ready(found)))
}

/// Gives which readiness an op of these waits for.
pub(crate) fn interest_of(op: &Op) -> Interest {
    match op {
        Op::Poll { interest, .. } | Op::PollMulti { interest, .. } => *interest,
        Op::AwaitExit { .. } => Interest::READABLE,
        _ => Interest::NONE,
    }
}
