use std::path::{Path, PathBuf};

use polyloop_core::{Address, Result, UnixAddress};

use crate::net::address::other_family;

/// What can be given as the address of a Unix socket: a path, or a [`UnixAddress`], which can be an
/// abstract name too.
pub trait ToUnixAddress {
    /// Gives the address.
    ///
    /// # Errors
    ///
    /// *Invalid input* for a path that is empty or has a NUL in it, saying which.
    fn to_unix_address(&self) -> Result<UnixAddress>;
}

impl ToUnixAddress for UnixAddress {
    fn to_unix_address(&self) -> Result<UnixAddress> {
        Ok(self.clone())
    }
}

impl ToUnixAddress for Path {
    fn to_unix_address(&self) -> Result<UnixAddress> {
        UnixAddress::path(self)
    }
}

impl ToUnixAddress for PathBuf {
    fn to_unix_address(&self) -> Result<UnixAddress> {
        UnixAddress::path(self)
    }
}

impl ToUnixAddress for str {
    fn to_unix_address(&self) -> Result<UnixAddress> {
        UnixAddress::path(self)
    }
}

impl ToUnixAddress for String {
    fn to_unix_address(&self) -> Result<UnixAddress> {
        UnixAddress::path(self)
    }
}

impl<T: ToUnixAddress + ?Sized> ToUnixAddress for &T {
    fn to_unix_address(&self) -> Result<UnixAddress> {
        (**self).to_unix_address()
    }
}

/// Takes the Unix address out of what a backend gave.
pub(super) fn unix(address: Address) -> Result<UnixAddress> {
    match address {
        Address::Unix(address) => Ok(address),
        other => Err(other_family("a Unix socket's", &other)),
    }
}
