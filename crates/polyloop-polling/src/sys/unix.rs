use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use polyloop_core::OsHandle;

pub(crate) fn source(handle: &OsHandle) -> io::Result<BorrowedFd<'_>> {
    Ok(match handle {
        OsHandle::TcpStream(stream) => stream.as_fd(),
        OsHandle::TcpListener(listener) => listener.as_fd(),
        OsHandle::UdpSocket(socket) => socket.as_fd(),
        OsHandle::File(file) | OsHandle::Descriptor(file) => file.as_fd(),
        OsHandle::PipeReader(reader) => reader.as_fd(),
        OsHandle::PipeWriter(writer) => writer.as_fd(),
        OsHandle::UnixStream(file)
        | OsHandle::UnixListener(file)
        | OsHandle::UnixDatagram(file) => file.as_fd(),
        _ => return Err(io::ErrorKind::Unsupported.into()),
    })
}
