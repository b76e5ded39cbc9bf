use std::net::SocketAddr;

use polyloop_core::{Address, Error, ErrorKind, Key, OpId, Output, UnixAddress};

use super::flaw::Flaw;
use super::lanes::Step;
use super::network::{Protocol, is_too_long, too_long};
use super::resource::{Arrival, Body, Inflow, Link, Stream};
use super::wire::Wire;
use super::world::World;
use crate::sys::errno;

impl World {
    pub(super) fn step_accept(&mut self, key: Key) -> Step {
        match self.take_arrival(key) {
            Some(accepted) => Step::Ended(Ok(Output::Accepted(accepted))),
            None => Step::Waits,
        }
    }

    pub(super) fn step_accept_multi(&mut self, key: Key, id: OpId) -> Step {
        while let Some(accepted) = self.take_arrival(key) {
            self.tell(id, Output::Accepted(accepted));
            if self.flaw == Some(Flaw::AcceptMultiOnce) {
                return Step::Ended(Ok(Output::Done));
            }
        }
        if self.is_full() && self.flaw == Some(Flaw::AcceptMultiEndsAtBound) {
            return Step::Ended(Err(ErrorKind::ResourceExhausted.into()));
        }
        Step::Waits
    }

    /// Gives the first connection of a backlog a key, unless there is no room for one.
    fn take_arrival(&mut self, key: Key) -> Option<Key> {
        if self.is_full() {
            return None;
        }
        let resource = self.resources.get_mut(key)?;
        let Body::Listener(listener) = &mut resource.body else { return None };
        let arrival = match self.flaw {
            Some(Flaw::LastInFirstOut) => listener.backlog.pop_back()?,
            _ => listener.backlog.pop_front()?,
        };
        let local = listener.local.clone();
        let knocking = std::mem::take(&mut listener.knocking);
        self.touched.extend(knocking);
        let writer = arrival.incoming.borrow().writer;
        let link = Link {
            inflow: Inflow::of(arrival.incoming.clone()),
            outgoing: arrival.outgoing.clone(),
            peer: arrival.peer.clone(),
        };
        let stream = Stream { local: Some(local), link: Some(link) };
        let accepted = self.insert(Body::Stream(stream)).expect("there is room");
        arrival.incoming.borrow_mut().reader = Some(accepted);
        arrival.outgoing.borrow_mut().writer = Some(accepted);
        self.touched.extend(writer);
        Some(accepted)
    }

    pub(super) fn step_connect(&mut self, key: Key, address: &Address) -> Step {
        let to = address;
        match &mut self.resources.get_mut(key).expect("a lane's resource is there").body {
            Body::Datagram(socket) => {
                socket.peer = Some(to.clone());
                return Step::Ended(Ok(Output::Done));
            }
            Body::Stream(Stream { link: Some(_), .. }) => {
                return Step::Ended(Err(refusal(errno::IS_CONNECTED, to)));
            }
            _ => {}
        }
        if is_too_long(to) {
            return Step::Ended(Err(too_long(to)));
        }
        let found = self.network.find(Protocol::Stream, to);
        let Some(resource) = found.and_then(|listener| self.resources.get_mut(listener)) else {
            let error = match self.flaw {
                Some(Flaw::ErrnoLost) => {
                    let kind = ErrorKind::Io(std::io::ErrorKind::ConnectionRefused);
                    Error::new(kind).attempting(format_args!("connect to {to}"))
                }
                Some(Flaw::AttemptUnsaid) => Error::from_errno(errno::CONNECTION_REFUSED),
                _ => refusal(errno::CONNECTION_REFUSED, to),
            };
            return Step::Ended(Err(error));
        };
        let Body::Listener(listener) = &mut resource.body else {
            unreachable!("only listeners are bound as such")
        };
        if listener.backlog.len() >= listener.backlog_max {
            listener.knocking.push(key);
            return Step::Waits;
        }
        let (to_server, to_client) = (Wire::new(), Wire::new());
        let local = self.local_for(key, to);
        to_server.borrow_mut().writer = Some(key);
        to_client.borrow_mut().reader = Some(key);
        let arrival = Arrival {
            incoming: to_server.clone(),
            outgoing: to_client.clone(),
            peer: local.clone(),
        };
        let resource = self.resources.get_mut(found.expect("found above")).expect("found above");
        let Body::Listener(listener) = &mut resource.body else { unreachable!("seen above") };
        if !std::mem::take(&mut listener.drops_next) {
            listener.backlog.push_back(arrival);
        }
        if self.flaw != Some(Flaw::ListenerForgotten) {
            self.touched.extend(found);
        }
        let link = Link { inflow: Inflow::of(to_client), outgoing: to_server, peer: to.clone() };
        if let Body::Stream(stream) = &mut self.resources.get_mut(key).expect("connecting").body {
            *stream = Stream { local: Some(local), link: Some(link) };
        }
        self.touch(key);
        Step::Ended(Ok(Output::Done))
    }

    /// Gives the address that a connecting socket has, or gets now.
    fn local_for(&mut self, key: Key, peer: &Address) -> Address {
        let bound = match self.resources.get(key).map(|found| &found.body) {
            Some(Body::Stream(stream)) => stream.local.clone(),
            _ => None,
        };
        bound.unwrap_or_else(|| {
            let any = match peer {
                Address::Ip(ip) => SocketAddr::new(ip.ip(), 0).into(),
                _ => UnixAddress::UNNAMED.into(),
            };
            self.network.choose(Protocol::Stream, any).expect("port 0 is always free")
        })
    }

    /// A connect that is cancelled no longer waits for room in a backlog.
    pub(super) fn network_forgets(&mut self, key: Key, id: OpId) {
        let to = match self.ops.get(id).map(|pending| &pending.op) {
            Some(polyloop_core::Op::Connect { address, .. }) => Some(address.clone()),
            _ => None,
        };
        let found = to.and_then(|to| self.network.find(Protocol::Stream, &to));
        if let Some(resource) = found.and_then(|listener| self.resources.get_mut(listener))
            && let Body::Listener(listener) = &mut resource.body
        {
            listener.knocking.retain(|other| *other != key);
        }
    }
}

fn refusal(number: i32, to: &Address) -> Error {
    Error::from_errno(number).attempting(format_args!("connect to {to}"))
}
