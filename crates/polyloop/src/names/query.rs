use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::hints::AddressHints;
use super::service::Service;

/// What a lookup asks: a host, a service, and hints.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct AddressQuery {
    /// The host's name or numeric address; none means this machine.
    pub host: Option<String>,
    /// The port.
    pub service: Service,
    /// Which addresses are wanted.
    pub hints: AddressHints,
}

impl AddressQuery {
    /// Makes a query.
    pub fn new<'a>(
        host: impl Into<Option<&'a str>>,
        service: impl Into<Service>,
        hints: AddressHints,
    ) -> AddressQuery {
        AddressQuery { host: host.into().map(str::to_owned), service: service.into(), hints }
    }

    /// Tells whether it can be answered without looking anything up: no name server, no file and
    /// no other thread is asked.
    ///
    /// So it is with a port and a host that is a numeric address, with its scope where it has one,
    /// or no host.
    pub fn is_numeric(&self) -> bool {
        self.service.port().is_some() && self.host.as_deref().is_none_or(is_address)
    }
}

fn is_address(host: &str) -> bool {
    match host.split_once('%') {
        // The scope is an interface's number or name, which the system knows by itself.
        Some((address, _scope)) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok(),
    }
}

impl fmt::Display for AddressQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{host:?} port {}", self.service),
            None => write!(f, "this machine, port {}", self.service),
        }
    }
}
