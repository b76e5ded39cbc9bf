//! Polls: readiness that consumes nothing.

use polyloop_core::{Batch, Completion, Interest, Key, Op, Output, Result, Submission, Token};

use crate::engine::Engine;
use crate::op_table::{Flight, Place};
use crate::resource::Resource;
use crate::selector::Selector;

impl<S: Selector> Engine<S> {
    /// Answers a poll whose readiness is there, and queues it otherwise.
    pub(crate) fn submit_poll(&mut self, key: Key, op: Op, token: Token) -> Submission {
        let is_multi = op.is_multishot();
        let interest = interest_of(&op);
        let flight = Flight::new(op, token, Place::Polls);
        let resource = self.resources.get_mut(key).expect("checked by submit");
        let found = match poll(resource, interest) {
            Ok(found) => found,
            Err(error) => return Submission::Done(flight.complete(Err(error))),
        };
        if !is_multi && !found.is_none() {
            return Submission::Done(flight.complete(Ok(Output::Ready(found))));
        }
        let id = self.ops.insert_last(&mut resource.polls, flight);
        if let Err(error) = self.watch(key) {
            let resource = self.resources.get_mut(key).expect("it was there above");
            let flight = self.ops.remove_from(&mut resource.polls, id).expect("queued just now");
            return Submission::Done(flight.complete(Err(error)));
        }
        if !found.is_none() {
            self.post(Completion::more(token, Output::Ready(found)));
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
            let result = match poll(resource, interest) {
                Ok(found) if found.is_none() => continue,
                result => result.map(Output::Ready),
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

/// Asks the kernel, and what the loop itself holds unread.
fn poll(resource: &Resource, interest: Interest) -> Result<Interest> {
    let mut found = polyloop_os::poll_now(resource.handle.as_os(), interest)?;
    if resource.inbound.is_readable() {
        found |= Interest::READABLE.intersection(interest);
    }
    Ok(found)
}

fn interest_of(op: &Op) -> Interest {
    match op {
        Op::Poll { interest, .. } | Op::PollMulti { interest, .. } => *interest,
        _ => Interest::NONE,
    }
}
