use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

use crate::{Error, ErrorKind, Result};

/// An address of a socket.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// Internet, version 4 or 6.
    Ip(SocketAddr),
    /// A socket of this machine only.
    Unix(UnixAddress),
}

impl Address {
    /// Gives the internet address, if it is one.
    pub const fn as_ip(&self) -> Option<SocketAddr> {
        match self {
            Address::Ip(address) => Some(*address),
            Address::Unix(_) => None,
        }
    }

    /// Gives the address of a Unix socket, if it is one.
    pub const fn as_unix(&self) -> Option<&UnixAddress> {
        match self {
            Address::Ip(_) => None,
            Address::Unix(address) => Some(address),
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Address {
        Address::Ip(address)
    }
}

impl From<UnixAddress> for Address {
    fn from(address: UnixAddress) -> Address {
        Address::Unix(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Ip(address) => address.fmt(f),
            Address::Unix(address) => address.fmt(f),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The address of a Unix socket: a path, an abstract name, or none.
///
/// How long it may be is the system's affair, and found out when it is used: 107 bytes of a path or
/// of an abstract name on Linux, 103 of a path elsewhere (`sun_path` of unix(7) and of the BSDs'
/// unix(4), with its final NUL). The error then says so.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnixAddress(Name);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Name {
    Unnamed,
    Path(Box<Path>),
    Abstract(Box<[u8]>),
}

impl UnixAddress {
    /// The address of a socket that nobody has bound: most clients', and both ends of a pair.
    pub const UNNAMED: UnixAddress = UnixAddress(Name::Unnamed);

    /// Names a socket by a path in the file system.
    ///
    /// # Errors
    ///
    /// *Invalid input* for an empty path and for one with a NUL in it, which no system can name.
    pub fn path(path: impl AsRef<Path>) -> Result<UnixAddress> {
        let path = path.as_ref();
        let bytes = path.as_os_str().as_encoded_bytes();
        if bytes.is_empty() || bytes.contains(&0) {
            let wrong = if bytes.is_empty() { "empty" } else { "with a NUL in it" };
            let what = format!("name a Unix socket by the path {path:?}, which is {wrong}");
            return Err(Error::new(ErrorKind::InvalidInput).attempting(what));
        }
        Ok(UnixAddress(Name::Path(path.into())))
    }

    /// Names a socket by bytes that are in no file system and go away with the socket.
    ///
    /// # Platform notes
    ///
    /// Linux only; elsewhere binding or connecting to one is *unsupported*.
    pub fn abstract_name(name: impl AsRef<[u8]>) -> UnixAddress {
        UnixAddress(Name::Abstract(name.as_ref().into()))
    }

    /// Tells whether there is no name.
    pub const fn is_unnamed(&self) -> bool {
        matches!(self.0, Name::Unnamed)
    }

    /// Gives the path, if it is one.
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Name::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Gives the abstract name, if it is one.
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        match &self.0 {
            Name::Abstract(name) => Some(name),
            _ => None,
        }
    }
}

/// A path as it is, an abstract name behind an `@` as tools print it, and *(unnamed)*.
impl fmt::Display for UnixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Name::Unnamed => f.write_str("(unnamed)"),
            Name::Path(path) => path.display().fmt(f),
            Name::Abstract(name) => write!(f, "@{}", name.escape_ascii()),
        }
    }
}

impl fmt::Debug for UnixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_no_system_can_name_are_refused_saying_which() {
        for path in ["", "a\0b"] {
            let error = UnixAddress::path(path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(&format!("{path:?}")), "{error}");
        }
    }

    #[test]
    fn each_kind_of_name_reads_as_tools_print_it() {
        let path = UnixAddress::path("/run/a.sock").unwrap();
        assert_eq!(path.to_string(), "/run/a.sock");
        assert_eq!(UnixAddress::abstract_name(b"a\0b").to_string(), "@a\\x00b");
        assert_eq!(UnixAddress::UNNAMED.to_string(), "(unnamed)");
    }

    #[test]
    fn an_address_stays_as_small_as_an_internet_one() {
        assert_eq!(size_of::<Option<Address>>(), size_of::<SocketAddr>());
    }
}
