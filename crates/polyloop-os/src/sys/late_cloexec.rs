use std::io;
use std::os::fd::OwnedFd;

use rustix::io::FdFlags;
use rustix::net::RecvFlags;

/// Apple has no MSG_CMSG_CLOEXEC.
pub(super) const RECV_FLAGS: RecvFlags = RecvFlags::DONTWAIT;

/// Makes a descriptor close-on-exec; a child that is made just before still inherits it.
pub(super) fn close_on_exec(fd: OwnedFd) -> io::Result<OwnedFd> {
    rustix::io::fcntl_setfd(&fd, FdFlags::CLOEXEC)?;
    Ok(fd)
}
