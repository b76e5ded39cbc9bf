use std::net::{IpAddr, SocketAddr};

use polyloop_core::{Address, Error, ErrorKind, Result};

/// What can be given as the address of a socket: a `SocketAddr`, an address and a port, or text
/// such as `"127.0.0.1:8080"` or `"[::1]:8080"`.
///
/// Text must be numeric: looking a host's name up can block, so it is not done here.
pub trait ToAddress {
    /// Gives the address.
    ///
    /// # Errors
    ///
    /// Of kind *invalid input* for text that is not an address and a port, saying which.
    fn to_address(&self) -> Result<SocketAddr>;
}

impl ToAddress for SocketAddr {
    fn to_address(&self) -> Result<SocketAddr> {
        Ok(*self)
    }
}

impl<A: Into<IpAddr> + Copy> ToAddress for (A, u16) {
    fn to_address(&self) -> Result<SocketAddr> {
        Ok(SocketAddr::new(self.0.into(), self.1))
    }
}

impl ToAddress for str {
    fn to_address(&self) -> Result<SocketAddr> {
        self.parse().map_err(|_| {
            Error::new(ErrorKind::InvalidInput).attempting(format_args!(
                "read {self:?} as a numeric address and port, such as 127.0.0.1:8080"
            ))
        })
    }
}

impl ToAddress for String {
    fn to_address(&self) -> Result<SocketAddr> {
        self.as_str().to_address()
    }
}

impl<T: ToAddress + ?Sized> ToAddress for &T {
    fn to_address(&self) -> Result<SocketAddr> {
        (**self).to_address()
    }
}

/// Takes the internet address out of what a loop told of a socket.
pub(super) fn internet(address: Address) -> Result<SocketAddr> {
    address.as_ip().ok_or_else(|| other_family("an internet", &address))
}

/// The error of a socket that has another kind of address than was asked for: one that was made of
/// a descriptor of another family.
pub(super) fn other_family(wanted: &str, address: &Address) -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting(format_args!("give {address} as {wanted} address"))
}
