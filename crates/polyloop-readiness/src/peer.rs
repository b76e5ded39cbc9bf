use std::net::{SocketAddr, SocketAddrV4};

use polyloop_core::Address;

/// Who has connected, as far as that is known: in a few bytes what nearly all are.
#[derive(Debug, Default)]
pub(crate) enum Peer {
    #[default]
    Unknown,
    V4(SocketAddrV4),
    Other(Box<Address>),
}

impl From<Address> for Peer {
    fn from(address: Address) -> Peer {
        match address {
            Address::Ip(SocketAddr::V4(address)) => Peer::V4(address),
            other => Peer::Other(Box::new(other)),
        }
    }
}

impl Peer {
    pub(crate) fn address(&self) -> Option<Address> {
        match self {
            Peer::Unknown => None,
            Peer::V4(address) => Some(SocketAddr::V4(*address).into()),
            Peer::Other(address) => Some((**address).clone()),
        }
    }
}
