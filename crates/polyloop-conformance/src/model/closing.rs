use polyloop_core::{CloseMode, Key, OpId, Output, SocketOption};

use super::flaw::Flaw;
use super::network::Protocol;
use super::resource::{Body, Link, Resource};
use super::wire::SharedWire;
use super::world::World;

impl World {
    /// Makes a key stale, and ends what a close ends at once.
    pub(super) fn begin_close(&mut self, key: Key, id: OpId) {
        let mode = match self.ops.get(id).map(|pending| &pending.op) {
            Some(polyloop_core::Op::Close { mode, .. }) => *mode,
            _ => unreachable!("only a close begins one"),
        };
        let resource = self.resources.get_mut(key).expect("an admitted op has a resource");
        resource.closing = Some((id, mode));
        if self.flaw == Some(Flaw::CloseOvertakesOps) {
            self.complete(id, Ok(Output::Done));
        }
        if self.flaw == Some(Flaw::CloseForgetsOps) {
            let resource = self.resources.get_mut(key).expect("closing");
            resource.inward.clear();
        }
        self.end_inward(key);
        let flush = mode == CloseMode::Flush && self.flaw != Some(Flaw::FlushAborts);
        let abort = mode == CloseMode::Abort && self.flaw != Some(Flaw::AbortFlushes);
        if !flush && abort || self.flaw == Some(Flaw::FlushAborts) {
            self.end_outward(key);
        }
    }

    /// A close that is cancelled goes on as one that aborts.
    pub(super) fn hurry_close(&mut self, key: Key) {
        if self.flaw != Some(Flaw::CloseUnhurried) {
            self.end_outward(key);
        }
    }

    fn end_inward(&mut self, key: Key) {
        let resource = self.resources.get_mut(key).expect("closing");
        let mut ending: Vec<OpId> = resource.inward.drain(..).collect();
        ending.append(&mut resource.polls);
        ending.into_iter().for_each(|id| self.complete_canceled(id, 0));
    }

    fn end_outward(&mut self, key: Key) {
        let resource = self.resources.get_mut(key).expect("closing");
        let mut ending: Vec<OpId> = resource.outward.drain(..).collect();
        ending.append(&mut resource.jobs);
        for id in ending {
            self.network_forgets(key, id);
            let progress = self.ops.get(id).map_or(0, |pending| pending.progress);
            self.complete_canceled(id, progress);
        }
    }

    /// Ends a closing resource once no op is left.
    pub(super) fn advance_close(&mut self, key: Key) {
        let Some(resource) = self.resources.get(key) else { return };
        let Some((id, _)) = resource.closing else { return };
        let is_read = resource.senders > 0 && self.flaw != Some(Flaw::FileCloseUnwaited);
        if !resource.outward.is_empty() || !resource.jobs.is_empty() || is_read {
            return;
        }
        if self.flaw == Some(Flaw::ResourceLeaks) {
            // It stays behind, open and counted.
            self.resources.get_mut(key).expect("seen above").closing = None;
            return self.complete(id, Ok(Output::Done));
        }
        let resource = self.resources.remove(key).expect("seen above");
        self.let_go(resource);
        if self.ops.get(id).is_some() {
            self.complete(id, Ok(Output::Done));
        }
        let listeners = self.resources.iter();
        let listeners = listeners.filter(|(_, found)| matches!(found.body, Body::Listener(_)));
        self.touched.extend(listeners.map(|(key, _)| key).collect::<Vec<_>>());
    }

    /// Does to the others what the end of a resource does to them.
    fn let_go(&mut self, resource: Resource) {
        let linger = resource
            .options
            .values()
            .any(|option| matches!(option, SocketOption::Linger(Some(time)) if time.is_zero()));
        match resource.body {
            Body::Stream(stream) => {
                if let Some(link) = stream.link {
                    self.hang_up(&link, linger);
                }
            }
            Body::Listener(listener) => {
                self.network.unbind(Protocol::Stream, &listener.local);
                let forgotten = self.flaw == Some(Flaw::BacklogSurvives);
                for arrival in listener.backlog.iter().filter(|_| !forgotten) {
                    self.reset(&arrival.incoming, &arrival.outgoing);
                }
                self.touched.extend(listener.knocking);
            }
            Body::Datagram(socket) => self.network.unbind(Protocol::Datagram, &socket.local),
            Body::PipeReader(inflow) => {
                self.abandon(&inflow.wire);
                self.touched.extend(inflow.wire.borrow().writer);
            }
            Body::PipeWriter(wire) => {
                wire.borrow_mut().end();
                self.lose_if_flawed(&wire);
                self.touched.extend(wire.borrow().reader);
            }
            Body::File(_) => {}
        }
    }

    /// Ends a connection: orderly, or with a reset if something was left unread.
    fn hang_up(&mut self, link: &Link, linger: bool) {
        let unread = !link.inflow.ahead.is_empty() || link.inflow.wire.borrow().has_bytes();
        if unread || linger {
            return self.reset(&link.inflow.wire, &link.outgoing);
        }
        link.outgoing.borrow_mut().end();
        self.lose_if_flawed(&link.outgoing);
        self.abandon(&link.inflow.wire);
        self.touched.extend(link.outgoing.borrow().reader);
        self.touched.extend(link.inflow.wire.borrow().writer);
    }

    fn reset(&mut self, incoming: &SharedWire, outgoing: &SharedWire) {
        outgoing.borrow_mut().reset();
        if self.flaw == Some(Flaw::ResetLosesBytes) {
            outgoing.borrow_mut().lose_bytes();
        }
        incoming.borrow_mut().abandon();
        self.touched.extend(outgoing.borrow().reader);
        self.touched.extend(incoming.borrow().writer);
    }

    /// The reader of a wire is gone.
    fn abandon(&self, wire: &SharedWire) {
        if self.flaw != Some(Flaw::WritesIntoNothing) {
            wire.borrow_mut().abandon();
        }
    }

    fn lose_if_flawed(&self, wire: &SharedWire) {
        if self.flaw == Some(Flaw::EndLosesBytes) {
            wire.borrow_mut().lose_bytes();
        }
    }
}
