use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use polyloop_core::{Error, ErrorKind, Result};

/// Where to connect to: an address, or a host's name that has to be looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostAddress<'a> {
    /// A numeric address: nothing is looked up.
    Numeric(SocketAddr),
    /// A name and a port.
    Named {
        /// The host's name.
        host: &'a str,
        /// The port.
        port: u16,
    },
}

impl<'a> HostAddress<'a> {
    /// Makes one of a host, which may be a numeric address, and a port.
    pub fn new(host: &'a str, port: u16) -> HostAddress<'a> {
        match host.parse::<IpAddr>() {
            Ok(address) => HostAddress::Numeric(SocketAddr::new(address, port)),
            Err(_) => HostAddress::Named { host, port },
        }
    }
}

/// What can be given as the place to connect to: a `SocketAddr`, a host or an address with a port,
/// or text such as `"localhost:8080"`, `"127.0.0.1:8080"` or `"[::1]:8080"`.
///
/// What is numeric is not looked up, and costs no allocation.
pub trait ToHostAddress {
    /// Gives the place.
    ///
    /// # Errors
    ///
    /// Of kind *invalid input* for text without a port, saying which.
    fn to_host_address(&self) -> Result<HostAddress<'_>>;
}

impl ToHostAddress for HostAddress<'_> {
    fn to_host_address(&self) -> Result<HostAddress<'_>> {
        Ok(*self)
    }
}

impl ToHostAddress for SocketAddr {
    fn to_host_address(&self) -> Result<HostAddress<'_>> {
        Ok(HostAddress::Numeric(*self))
    }
}

macro_rules! numeric {
    ($($address:ty),+) => {$(
        impl ToHostAddress for ($address, u16) {
            fn to_host_address(&self) -> Result<HostAddress<'_>> {
                Ok(HostAddress::Numeric(SocketAddr::new(self.0.into(), self.1)))
            }
        }
    )+};
}

numeric!(IpAddr, Ipv4Addr, Ipv6Addr, [u8; 4], [u16; 8], [u8; 16]);

impl ToHostAddress for (&str, u16) {
    fn to_host_address(&self) -> Result<HostAddress<'_>> {
        Ok(HostAddress::new(self.0, self.1))
    }
}

impl ToHostAddress for (String, u16) {
    fn to_host_address(&self) -> Result<HostAddress<'_>> {
        Ok(HostAddress::new(&self.0, self.1))
    }
}

impl ToHostAddress for str {
    fn to_host_address(&self) -> Result<HostAddress<'_>> {
        if let Ok(address) = self.parse() {
            return Ok(HostAddress::Numeric(address));
        }
        // A colon in the host is an address of version 6 that lacks its brackets.
        let split = self.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        let named = split.filter(|(host, _)| !host.contains([':', '[', ']']));
        match named.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
            Some((host, port)) => Ok(HostAddress::Named { host, port }),
            None => Err(Error::new(ErrorKind::InvalidInput).attempting(format_args!(
                "read {self:?} as a host and port, such as localhost:8080 or [::1]:8080"
            ))),
        }
    }
}

impl ToHostAddress for String {
    fn to_host_address(&self) -> Result<HostAddress<'_>> {
        self.as_str().to_host_address()
    }
}

impl<T: ToHostAddress + ?Sized> ToHostAddress for &T {
    fn to_host_address(&self) -> Result<HostAddress<'_>> {
        (**self).to_host_address()
    }
}
