use polyloop_core::{Interest, Key, Op, OpId, Output};

use super::flaw::Flaw;
use super::world::World;

impl World {
    /// Tells the polls of a key what is ready: one-shot ones end, multishot ones tell what is
    /// new.
    pub(super) fn tell_polls(&mut self, key: Key) {
        let Some(resource) = self.resources.get(key) else { return };
        let polls = resource.polls.clone();
        if polls.is_empty() {
            return;
        }
        let ready = self.readiness(key);
        for id in polls {
            let before = self.ready.len();
            self.tell_poll(key, id, ready);
            if self.flaw == Some(Flaw::PollExcludesOthers) && self.ready.len() > before {
                return;
            }
        }
    }

    fn tell_poll(&mut self, key: Key, id: OpId, ready: Interest) {
        let misses_first = self.flaw == Some(Flaw::PollMissesWhatIsThere);
        let pending = self.ops.get_mut(id).expect("a poll in flight");
        let (interest, multi) = match pending.op {
            Op::Poll { interest, .. } => (interest, false),
            Op::PollMulti { interest, .. } => (interest, true),
            _ => unreachable!("only polls are in the row of polls"),
        };
        let mut found = ready.intersection(interest);
        if misses_first && !std::mem::replace(&mut pending.seen, true) {
            found = Interest::NONE;
        }
        if multi {
            let lasted = pending.told;
            pending.told = found;
            if !found.is_none() && !lasted.contains(found) {
                self.tell(id, Output::Ready(found));
                if self.flaw == Some(Flaw::PollMultiOnce) {
                    self.leave_polls(key, id);
                    self.complete(id, Ok(Output::Ready(found)));
                }
            }
        } else if !found.is_none() {
            self.leave_polls(key, id);
            if self.flaw == Some(Flaw::PollConsumes) && found.is_readable() {
                // A byte goes the way of all bytes that a poll reads.
                let _ = self.read(key, &mut [0]);
            }
            self.complete(id, Ok(Output::Ready(found)));
        }
    }

    fn leave_polls(&mut self, key: Key, id: OpId) {
        let resource = self.resources.get_mut(key).expect("polled");
        resource.polls.retain(|other| *other != id);
    }
}
