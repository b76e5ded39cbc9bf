use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

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

    /// Writes an address as `struct sockaddr_in` or `struct sockaddr_in6`.
    pub(super) fn write(&mut self, address: &SocketAddr) {
        self.bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
        match address {
            SocketAddr::V4(v4) => {
                self.bytes[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
                self.bytes[4..8].copy_from_slice(&v4.ip().octets());
                self.bytes[8..16].fill(0);
                self.len = 16;
            }
            SocketAddr::V6(v6) => {
                self.bytes[..2].copy_from_slice(&(libc::AF_INET6 as u16).to_ne_bytes());
                // std gives and takes sin6_flowinfo as it lies in memory.
                self.bytes[4..8].copy_from_slice(&v6.flowinfo().to_ne_bytes());
                self.bytes[8..24].copy_from_slice(&v6.ip().octets());
                self.bytes[24..28].copy_from_slice(&v6.scope_id().to_ne_bytes());
                self.len = 28;
            }
        }
    }

    /// Reads what the kernel wrote; nothing if it is not an internet address.
    pub(super) fn read(&self, len: u32) -> Option<SocketAddr> {
        let bytes = &self.bytes;
        let family = i32::from(u16::from_ne_bytes([bytes[0], bytes[1]]));
        let port = u16::from_be_bytes([bytes[2], bytes[3]]);
        match family {
            libc::AF_INET if len >= 8 => {
                let ip: [u8; 4] = bytes[4..8].try_into().ok()?;
                Some(SocketAddrV4::new(Ipv4Addr::from(ip), port).into())
            }
            libc::AF_INET6 if len >= 28 => {
                let flowinfo = u32::from_ne_bytes(bytes[4..8].try_into().ok()?);
                let ip: [u8; 16] = bytes[8..24].try_into().ok()?;
                let scope = u32::from_ne_bytes(bytes[24..28].try_into().ok()?);
                Some(SocketAddrV6::new(Ipv6Addr::from(ip), port, flowinfo, scope).into())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_through_the_kernels_bytes() {
        for text in ["127.0.0.1:80", "[::1]:65535", "[fe80::1%7]:443"] {
            let address: SocketAddr = text.parse().expect("an address");
            let mut name = SocketName::new();
            name.write(&address);
            assert_eq!(name.read(name.len), Some(address));
        }
        assert_eq!(SocketName::new().read(16), None);
    }
}
