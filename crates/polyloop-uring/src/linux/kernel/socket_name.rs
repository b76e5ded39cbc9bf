use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::unix::ffi::OsStrExt;

use polyloop_core::{Address, ErrorKind, Result, UnixAddress};

/// A socket address in the kernel's own bytes (`struct sockaddr_storage`).
///
/// Only the first `len` bytes mean something.
#[repr(C, align(8))]
pub(crate) struct SocketName {
    pub(super) bytes: [u8; SocketName::CAPACITY],
    pub(super) len: u32,
}

impl SocketName {
    /// Bytes of `struct sockaddr_storage`.
    pub(super) const CAPACITY: usize = 128;

    pub(super) const fn new() -> SocketName {
        SocketName { bytes: [0; SocketName::CAPACITY], len: 0 }
    }

    /// Writes an address as `struct sockaddr_in`, `sockaddr_in6` or `sockaddr_un`.
    ///
    /// # Errors
    ///
    /// *Invalid input* for a Unix name that is too long, saying which and how long it may be.
    pub(super) fn write(&mut self, address: &Address) -> Result<()> {
        match address {
            Address::Ip(SocketAddr::V4(v4)) => {
                self.write_family(libc::AF_INET);
                self.bytes[2..4].copy_from_slice(&v4.port().to_be_bytes());
                self.bytes[4..8].copy_from_slice(&v4.ip().octets());
                self.bytes[8..16].fill(0);
                self.len = 16;
            }
            Address::Ip(SocketAddr::V6(v6)) => {
                self.write_family(libc::AF_INET6);
                self.bytes[2..4].copy_from_slice(&v6.port().to_be_bytes());
                // std gives and takes sin6_flowinfo as it lies in memory.
                self.bytes[4..8].copy_from_slice(&v6.flowinfo().to_ne_bytes());
                self.bytes[8..24].copy_from_slice(&v6.ip().octets());
                self.bytes[24..28].copy_from_slice(&v6.scope_id().to_ne_bytes());
                self.len = 28;
            }
            Address::Unix(unix) => self.write_unix(unix)?,
            _ => return Err(ErrorKind::Unsupported.into()),
        }
        Ok(())
    }

    fn write_family(&mut self, family: i32) {
        self.bytes[..2].copy_from_slice(&(family as u16).to_ne_bytes());
    }

    /// A path is followed by a NUL, an abstract name follows one, and no name is nothing (unix(7)).
    fn write_unix(&mut self, address: &UnixAddress) -> Result<()> {
        polyloop_os::check_unix_name(address)?;
        let path = address.as_path().map(|path| path.as_os_str().as_bytes());
        let name = path.or(address.as_abstract_name()).unwrap_or_default();
        self.write_family(libc::AF_UNIX);
        self.bytes[2..].fill(0);
        let start = if path.is_some() { 2 } else { 3 };
        self.bytes[start..start + name.len()].copy_from_slice(name);
        self.len = if address.is_unnamed() { 2 } else { 3 + name.len() as u32 };
        Ok(())
    }

    /// Reads what the kernel wrote; nothing if it is an address of no known kind. No address at all
    /// is an unnamed Unix socket's.
    pub(super) fn read(&self, len: u32) -> Option<Address> {
        let bytes = &self.bytes;
        let family = i32::from(u16::from_ne_bytes([bytes[0], bytes[1]]));
        let port = u16::from_be_bytes([bytes[2], bytes[3]]);
        Some(match family {
            _ if len == 0 => UnixAddress::UNNAMED.into(),
            libc::AF_INET if len >= 8 => {
                let ip: [u8; 4] = bytes[4..8].try_into().ok()?;
                SocketAddr::from(SocketAddrV4::new(Ipv4Addr::from(ip), port)).into()
            }
            libc::AF_INET6 if len >= 28 => {
                let flowinfo = u32::from_ne_bytes(bytes[4..8].try_into().ok()?);
                let ip: [u8; 16] = bytes[8..24].try_into().ok()?;
                let scope = u32::from_ne_bytes(bytes[24..28].try_into().ok()?);
                let v6 = SocketAddrV6::new(Ipv6Addr::from(ip), port, flowinfo, scope);
                SocketAddr::from(v6).into()
            }
            libc::AF_UNIX if (2..=Self::CAPACITY as u32).contains(&len) => {
                polyloop_os::unix_from_kernel(&bytes[2..len as usize]).into()
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_through_the_kernels_bytes() {
        let mut addresses: Vec<Address> = ["127.0.0.1:80", "[::1]:65535", "[fe80::1%7]:443"]
            .map(|text| text.parse::<SocketAddr>().expect("an address").into())
            .into();
        let longest = "x".repeat(107);
        for path in ["a", "/run/a.sock", &longest] {
            addresses.push(UnixAddress::path(path).expect("a path").into());
            addresses.push(UnixAddress::abstract_name(path).into());
        }
        addresses.push(UnixAddress::abstract_name(b"with a \0 in it").into());
        addresses.push(UnixAddress::UNNAMED.into());
        let mut name = SocketName::new();
        for address in addresses {
            name.write(&address).expect("it fits");
            assert_eq!(name.read(name.len), Some(address));
        }
        assert_eq!(SocketName::new().read(16), None);
    }

    #[test]
    fn a_name_that_is_too_long_is_refused_with_the_limit() {
        let path = "y".repeat(108);
        let address = Address::from(UnixAddress::path(&path).expect("a path"));
        let error = SocketName::new().write(&address).expect_err("too long");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("108 bytes long, and 107"), "{error}");
        assert!(error.to_string().contains(&path), "{error}");
    }
}
