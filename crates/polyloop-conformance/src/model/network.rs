use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use polyloop_core::{Address, Error, ErrorKind, Key, Result};

use crate::sys::errno;

/// Which key is bound to which address; streams and datagrams have ports of their own.
#[derive(Default)]
pub(super) struct Network {
    listeners: HashMap<Address, Key>,
    datagrams: HashMap<Address, Key>,
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
    /// Finds a free address: the one that is asked for, or one with a new port. Any number of
    /// Unix sockets have no name.
    pub(super) fn choose(&mut self, protocol: Protocol, at: Address) -> Result<Address> {
        let mut ip = match &at {
            Address::Ip(ip) if ip.port() == 0 => *ip,
            Address::Unix(name) if name.is_unnamed() => return Ok(at),
            _ if is_too_long(&at) => return Err(too_long(&at)),
            _ if self.bound(protocol).contains_key(&at) => {
                return Err(Error::from_errno(errno::ADDRESS_IN_USE));
            }
            _ => return Ok(at),
        };
        loop {
            self.handed_out = (self.handed_out + 1) % 20_000;
            ip.set_port(EPHEMERAL + self.handed_out);
            if !self.bound(protocol).contains_key(&ip.into()) {
                return Ok(ip.into());
            }
        }
    }

    pub(super) fn bind(&mut self, protocol: Protocol, at: Address, key: Key) {
        if !is_unnamed(&at) {
            self.bound(protocol).insert(at, key);
        }
    }

    pub(super) fn unbind(&mut self, protocol: Protocol, at: &Address) {
        self.bound(protocol).remove(at);
    }

    /// Finds who is bound to an address, or to any address with its port.
    pub(super) fn find(&mut self, protocol: Protocol, at: &Address) -> Option<Key> {
        let bound = self.bound(protocol);
        let any: Option<IpAddr> = match at {
            Address::Ip(SocketAddr::V4(_)) => Some(Ipv4Addr::UNSPECIFIED.into()),
            Address::Ip(SocketAddr::V6(_)) => Some(Ipv6Addr::UNSPECIFIED.into()),
            _ => None,
        };
        bound.get(at).copied().or_else(|| {
            let any = SocketAddr::new(any?, at.as_ip()?.port());
            bound.get(&any.into()).copied()
        })
    }

    fn bound(&mut self, protocol: Protocol) -> &mut HashMap<Address, Key> {
        match protocol {
            Protocol::Stream => &mut self.listeners,
            Protocol::Datagram => &mut self.datagrams,
        }
    }
}

/// Names of Unix sockets are as long as on Linux.
const NAME_MAX: usize = 107;

pub(super) fn is_too_long(address: &Address) -> bool {
    let path = address.as_unix().and_then(|name| name.as_path());
    path.is_some_and(|path| path.as_os_str().len() > NAME_MAX)
}

pub(super) fn too_long(address: &Address) -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting(format_args!("use the name {address}: {NAME_MAX} bytes are the most"))
}

fn is_unnamed(address: &Address) -> bool {
    address.as_unix().is_some_and(|name| name.is_unnamed())
}
