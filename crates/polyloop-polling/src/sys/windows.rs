use std::io;
use std::os::windows::io::{AsSocket, BorrowedSocket};

use polyloop_core::OsHandle;

pub(crate) fn source(handle: &OsHandle) -> io::Result<BorrowedSocket<'_>> {
    Ok(match handle {
        OsHandle::TcpStream(stream) => stream.as_socket(),
        OsHandle::TcpListener(listener) => listener.as_socket(),
        OsHandle::UdpSocket(socket) => socket.as_socket(),
        _ => return Err(io::ErrorKind::Unsupported.into()),
    })
}
