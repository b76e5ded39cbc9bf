//! Handles that travel with bytes (SCM_RIGHTS, unix(7)).

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};

use polyloop_core::{OsHandle, ReceivedHandles};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage,
};

use super::cloexec::{RECV_FLAGS, close_on_exec};
use super::unix::SEND_FLAGS;

/// The most handles that the kernel passes in one message: SCM_MAX_FD of Linux, unix(7); other
/// systems have no more.
const MESSAGE_HANDLES_MAX: usize = 253;

/// Sends once, with duplicates of the handles at the first byte.
pub(crate) fn send_handles(
    socket: &OsHandle,
    bufs: &[IoSlice<'_>],
    handles: &[File],
) -> io::Result<usize> {
    let fds: Vec<BorrowedFd<'_>> = handles.iter().map(AsFd::as_fd).collect();
    let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(fds.len()))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&fds)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(rustix::net::sendmsg(carrier(socket)?, bufs, &mut control, SEND_FLAGS)?)
}

/// Receives once, with at most so many handles; others are closed.
pub(crate) fn recv_handles(
    socket: &OsHandle,
    buf: &mut [u8],
    handles_max: usize,
) -> io::Result<ReceivedHandles> {
    let room = handles_max.min(MESSAGE_HANDLES_MAX);
    let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(room))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let bufs = &mut [IoSliceMut::new(buf)];
    let message = rustix::net::recvmsg(carrier(socket)?, bufs, &mut control, RECV_FLAGS)?;
    let mut handles = Vec::new();
    for part in control.drain() {
        if let RecvAncillaryMessage::ScmRights(fds) = part {
            for fd in fds {
                handles.push(File::from(close_on_exec(fd)?));
            }
        }
    }
    // The kernel rounds the room up, and fills what that adds.
    let truncated = message.flags.contains(ReturnFlags::CTRUNC) || handles.len() > handles_max;
    handles.truncate(handles_max);
    Ok(ReceivedHandles::new(message.bytes, handles, truncated))
}

/// Handles travel through Unix sockets only.
fn carrier(handle: &OsHandle) -> io::Result<&File> {
    match handle {
        OsHandle::UnixStream(file) | OsHandle::UnixDatagram(file) => Ok(file),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}
