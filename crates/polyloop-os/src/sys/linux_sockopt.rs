//! Options that no crate in use knows, by the system call.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::AsRawFd;

use polyloop_core::{PeerCredentials, Result};
use socket2::Socket;

/// Sets what one send is cut into (UDP_SEGMENT, udp(7)).
pub(crate) fn set_segment_size(socket: &Socket, size: u16) -> Result<()> {
    let value = libc::c_int::from(size);
    let len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the descriptor is open while its socket is borrowed, and the kernel reads `len` bytes of a
    // local integer that is so long and outlives the call.
    let result = unsafe {
        let pointer = (&raw const value).cast();
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_SEGMENT, pointer, len)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error().into()) }
}

/// Reads what one send is cut into.
pub(crate) fn segment_size(socket: &Socket) -> Result<u16> {
    let size = get(socket, libc::SOL_UDP, libc::UDP_SEGMENT, 0 as libc::c_int)?;
    Ok(u16::try_from(size).unwrap_or(u16::MAX))
}

/// Reads who is at the other end (SO_PEERCRED, unix(7)).
///
/// rustix has this too, but with a process that is never zero, and zero is what there is of one in
/// a namespace that cannot be seen from here (pid_namespaces(7)).
pub(crate) fn peer_credentials(socket: &Socket) -> Result<PeerCredentials> {
    let nobody = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let found = get(socket, libc::SOL_SOCKET, libc::SO_PEERCRED, nobody)?;
    let process_id = u32::try_from(found.pid).ok();
    Ok(PeerCredentials::new(process_id, found.uid, found.gid))
}

/// An option's value as the kernel writes it: any bytes are one.
trait Plain: Copy {}
impl Plain for libc::c_int {}
impl Plain for libc::ucred {}

fn get<T: Plain>(socket: &Socket, level: i32, name: i32, mut value: T) -> Result<T> {
    let mut len = size_of::<T>() as libc::socklen_t;
    // SAFETY: the descriptor is open while its socket is borrowed, and the kernel writes at most `len`
    // bytes, the size of the local value, of which any bytes are one (`Plain`).
    let result = unsafe {
        let pointer = (&raw mut value).cast();
        libc::getsockopt(socket.as_raw_fd(), level, name, pointer, &raw mut len)
    };
    if result == 0 { Ok(value) } else { Err(io::Error::last_os_error().into()) }
}
