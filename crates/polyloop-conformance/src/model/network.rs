use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use polyloop_core::{Error, Key, Result};

use crate::sys::errno;

/// Which key is bound to which address; streams and datagrams have ports of their own.
#[derive(Default)]
pub(super) struct Network {
    listeners: BTreeMap<SocketAddr, Key>,
    datagrams: BTreeMap<SocketAddr, Key>,
    handed_out: u16,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Stream,
    Datagram,
}

/// Where ports of the system's choice begin.
const EPHEMERAL: u16 = 40_000;

impl Network {
    /// Finds a free address: the one that is asked for, or one with a new port.
    pub(super) fn choose(&mut self, protocol: Protocol, mut at: SocketAddr) -> Result<SocketAddr> {
        if at.port() != 0 {
            let taken = self.bound(protocol).contains_key(&at);
            return if taken { Err(Error::from_errno(errno::ADDRESS_IN_USE)) } else { Ok(at) };
        }
        loop {
            self.handed_out = (self.handed_out + 1) % 20_000;
            at.set_port(EPHEMERAL + self.handed_out);
            if !self.bound(protocol).contains_key(&at) {
                return Ok(at);
            }
        }
    }

    pub(super) fn bind(&mut self, protocol: Protocol, at: SocketAddr, key: Key) {
        self.bound(protocol).insert(at, key);
    }

    pub(super) fn unbind(&mut self, protocol: Protocol, at: SocketAddr) {
        self.bound(protocol).remove(&at);
    }

    /// Finds who is bound to an address, or to any address with its port.
    pub(super) fn find(&mut self, protocol: Protocol, at: SocketAddr) -> Option<Key> {
        let any: IpAddr = match at {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let bound = self.bound(protocol);
        bound.get(&at).or_else(|| bound.get(&SocketAddr::new(any, at.port()))).copied()
    }

    fn bound(&mut self, protocol: Protocol) -> &mut BTreeMap<SocketAddr, Key> {
        match protocol {
            Protocol::Stream => &mut self.listeners,
            Protocol::Datagram => &mut self.datagrams,
        }
    }
}
