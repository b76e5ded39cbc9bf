use std::io;
use std::os::fd::OwnedFd;

use rustix::net::RecvFlags;

/// Received descriptors are made close-on-exec by the kernel.
pub(super) const RECV_FLAGS: RecvFlags = RecvFlags::DONTWAIT.union(RecvFlags::CMSG_CLOEXEC);

pub(super) fn close_on_exec(fd: OwnedFd) -> io::Result<OwnedFd> {
    Ok(fd)
}
