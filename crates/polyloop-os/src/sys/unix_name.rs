//! Addresses of sockets, on their way to the kernel and back.

#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use polyloop_core::{Address, Error, ErrorKind, Result, UnixAddress};
use rustix::net::{AddressFamily, SocketAddrAny};
use socket2::SockAddr;

use super::kernel_path::path_of;
use super::name::{NAME_MAX, abstract_name, abstract_name_of};

/// Makes the address as the kernel takes it.
///
/// # Errors
///
/// *Invalid input* for a name that is too long, saying which and how long it may be.
pub(crate) fn to_kernel(address: &Address) -> Result<SockAddr> {
    match address {
        Address::Ip(address) => Ok((*address).into()),
        Address::Unix(address) => unix_to_kernel(address),
        _ => Err(ErrorKind::Unsupported.into()),
    }
}

pub(crate) fn unix_to_kernel(address: &UnixAddress) -> Result<SockAddr> {
    check_unix_name(address)?;
    if let Some(path) = address.as_path() {
        return Ok(SockAddr::unix(path)?);
    }
    match address.as_abstract_name() {
        Some(name) => abstract_name(name),
        None => Ok(SockAddr::unix(OsStr::new(""))?),
    }
}

/// Refuses a name that is too long, saying which and how long it may be.
pub fn check_unix_name(address: &UnixAddress) -> Result<()> {
    let path = address.as_path().map(|path| path.as_os_str().as_bytes());
    let len = path.or(address.as_abstract_name()).map_or(0, <[u8]>::len);
    if len <= NAME_MAX {
        return Ok(());
    }
    let what = format!(
        "use the name {address} for a Unix socket: it is {len} bytes long, and {NAME_MAX} is the \
         most here"
    );
    Err(Error::new(ErrorKind::InvalidInput).attempting(what))
}

/// Reads an address that the kernel gave.
pub(crate) fn from_kernel(address: &SockAddr) -> Result<Address> {
    if let Some(ip) = address.as_socket() {
        return Ok(ip.into());
    }
    if !address.is_unix() {
        return Err(ErrorKind::Unsupported.into());
    }
    let name = match (address.as_abstract_namespace(), address.as_pathname()) {
        (Some(name), _) => UnixAddress::abstract_name(name),
        (None, Some(path)) => unix_path(path),
        (None, None) => UnixAddress::UNNAMED,
    };
    Ok(name.into())
}

/// Reads who sent or connected; who has no name at all is an unnamed Unix socket.
pub(super) fn sender(address: Option<SocketAddrAny>) -> io::Result<Address> {
    match address {
        None => Ok(UnixAddress::UNNAMED.into()),
        Some(address) if address.address_family() == AddressFamily::UNIX => {
            Ok(unix_from_kernel(path_of(&address)).into())
        }
        Some(address) => Ok(SocketAddr::try_from(address)?.into()),
    }
}

/// Reads a Unix socket's name from what the kernel wrote as `sun_path`, of the length that it
/// told.
pub fn unix_from_kernel(path: &[u8]) -> UnixAddress {
    if let Some(name) = abstract_name_of(path) {
        return UnixAddress::abstract_name(name);
    }
    // The NUL at the end is mostly counted, and need not be there.
    let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
    unix_path(Path::new(OsStr::from_bytes(&path[..end])))
}

/// The kernel's paths have no NUL in them; no path is no name.
fn unix_path(path: &Path) -> UnixAddress {
    UnixAddress::path(path).unwrap_or(UnixAddress::UNNAMED)
}
