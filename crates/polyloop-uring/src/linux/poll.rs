use polyloop_core::{Error, Interest, Key, OpId, OpKind, Output, Route};

use crate::linux::UringLoop;
use crate::linux::kernel::{Landed, Request};
use crate::linux::resource::{Resource, Side};
use crate::linux::submission::Begun;
use crate::linux::uring_loop::canceled;

impl UringLoop {
    pub(crate) fn begin_poll(&mut self, key: Key, id: OpId, kind: OpKind) -> Begun {
        let interest = self.records.get(id).map_or(Interest::NONE, |record| record.interest);
        let ahead =
            self.resources.get(key).map_or(Interest::NONE, |it| it.ready_of_inbound(interest));
        if !ahead.is_none() {
            if kind == OpKind::Poll {
                return Begun::Ended(Ok(Output::Ready(ahead)));
            }
            self.tell_more(id, Output::Ready(ahead));
        }
        let multi = kind == OpKind::PollMulti && self.routes.poll_multi;
        self.start(Some(key), id, Request::Poll { interest, multi })
    }

    pub(crate) fn poll_landed(&mut self, key: Key, landed: Landed) {
        let id = landed.id;
        self.bell_is_spent = true;
        let Some(record) = self.records.get(id) else { return };
        let (interest, is_canceled, kind) = (record.interest, record.canceled, record.kind());
        let is_multi = kind == Some(OpKind::PollMulti);
        let ended = match landed.result {
            Ok(events) if is_multi => {
                let ready = ready_of(events, interest);
                if !ready.is_none() {
                    self.tell_more(id, Output::Ready(ready));
                }
                None
            }
            Ok(events) => Some(Ok(Output::Ready(ready_of(events, interest)))),
            // Asked to end by the loop itself: there is something that was received ahead.
            Err(libc::ECANCELED | libc::EINTR) => None,
            Err(libc::EINVAL) if is_multi && self.routes.poll_multi => {
                self.routes.poll_multi = false;
                self.capabilities.set_route(OpKind::PollMulti, Route::Emulated);
                None
            }
            Err(errno) => Some(Err(Error::from_errno(errno))),
        };
        if landed.more {
            return;
        }
        let begun = match ended {
            Some(result) => Begun::Ended(result),
            None if is_canceled => Begun::Ended(Err(canceled(0))),
            None => self.begin_poll(key, id, kind.unwrap_or(OpKind::Poll)),
        };
        if let Begun::Ended(result) = begun {
            self.finish(id, result);
        }
        self.settle(key);
    }

    /// Tells those who poll for reading that something was received ahead, or put back: the
    /// kernel no longer has it to tell of.
    pub(crate) fn tell_polls(&mut self, key: Key) {
        let mut cursor = self.resources.get(key).and_then(|it| it.lane(Side::Unordered).head());
        while let Some(id) = cursor {
            let Some((resource, record)) = self.resources.get(key).zip(self.records.get(id)) else {
                return;
            };
            cursor = resource.lane(Side::Unordered).behind(&self.records, id);
            if record.interest.is_readable() && !record.canceled {
                match record.kind() {
                    Some(OpKind::PollMulti) => {
                        self.tell_more(id, Output::Ready(Interest::READABLE));
                    }
                    // It lands as cancelled, and finds what is there.
                    _ => self.kernel.cancel(id),
                }
            }
        }
    }
}

impl Resource {
    /// Gives which of the readiness asked for is there because of what was received ahead.
    pub(crate) fn ready_of_inbound(&self, interest: Interest) -> Interest {
        if self.inbound.is_readable() {
            interest.intersection(Interest::READABLE)
        } else {
            Interest::NONE
        }
    }
}

/// Translates the events of poll(2); an error or a hang-up is every direction asked for.
fn ready_of(events: u32, interest: Interest) -> Interest {
    let has = |mask: libc::c_short| events & mask as u32 != 0;
    if has(libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) {
        return interest;
    }
    let mut ready = Interest::NONE;
    if has(libc::POLLIN) {
        ready |= Interest::READABLE;
    }
    if has(libc::POLLOUT) {
        ready |= Interest::WRITABLE;
    }
    ready.intersection(interest)
}
