use std::net::SocketAddr;

use super::hints::{AddressFamily, SocketKind};

/// One answer of a lookup.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ResolvedAddress {
    /// The address and port.
    pub address: SocketAddr,
    /// What kind of socket it is for; none if the system names one that is unknown here.
    pub kind: Option<SocketKind>,
    /// IANA's number of the protocol, such as 6 for TCP; zero is the kind's usual one.
    pub protocol: u8,
    /// The host's canonical name, in the first answer if it was asked for.
    pub canonical_name: Option<String>,
}

impl ResolvedAddress {
    /// Makes the answer for a stream socket, as a [`Resolve`](crate::Resolve) of one's own gives it.
    pub fn stream(address: SocketAddr) -> ResolvedAddress {
        ResolvedAddress {
            address,
            kind: Some(SocketKind::Stream),
            protocol: 0,
            canonical_name: None,
        }
    }

    /// Gives the address's family.
    pub fn family(&self) -> AddressFamily {
        AddressFamily::of(&self.address)
    }
}
