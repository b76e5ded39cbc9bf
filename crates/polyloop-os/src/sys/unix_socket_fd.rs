//! The descriptor of a socket, without asking what kind of socket it is.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use polyloop_core::OsHandle;

/// Gives the descriptor of a socket, and of nothing else.
///
/// By the number, because `as_fd` of a [`TcpStream`](std::net::TcpStream) is a call: where all kinds give a
/// number of the same place in memory, they are one load.
#[inline]
pub(super) fn socket_fd(handle: &OsHandle) -> io::Result<BorrowedFd<'_>> {
    let fd = match handle {
        OsHandle::TcpStream(stream) => stream.as_raw_fd(),
        OsHandle::TcpListener(listener) => listener.as_raw_fd(),
        OsHandle::UdpSocket(socket) => socket.as_raw_fd(),
        OsHandle::UnixStream(file)
        | OsHandle::UnixListener(file)
        | OsHandle::UnixDatagram(file) => file.as_raw_fd(),
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    // SAFETY: the handle owns the descriptor, and is borrowed for as long as what is given here.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}
