//! Descriptors of the user's: anything `AsFd`.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use polyloop_core::{Error, ErrorKind, OsHandle, Result};
use rustix::fs::FileType;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, SocketAddrAny};
use socket2::{SockAddr, SockRef, Socket};

/// Something of the operating system's that can be polled: anything `AsFd` on Unix, anything
/// `AsSocket` on Windows.
pub trait Pollable: AsFd {}

impl<T: AsFd> Pollable for T {}

/// What [`Loop::sock_accept`](crate::Loop::sock_accept) gives: an owner of a descriptor, a socket on
/// Windows, which converts into each socket type of the standard library.
pub type OwnedSocket = std::os::fd::OwnedFd;

/// Apple has no such flag; Rust programs ignore SIGPIPE from their start.
#[cfg(target_vendor = "apple")]
const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT;
#[cfg(not(target_vendor = "apple"))]
const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

pub(crate) fn duplicate(source: &impl Pollable) -> Result<OsHandle> {
    let owned = source.as_fd().try_clone_to_owned()?;
    Ok(OsHandle::Descriptor(File::from(owned)))
}

pub(crate) fn number(source: &impl Pollable) -> u64 {
    // Descriptors are never negative.
    source.as_fd().as_raw_fd().unsigned_abs().into()
}

/// Refuses what no system can wait for: epoll answers EPERM (epoll_ctl(2)).
pub(crate) fn check(source: &impl Pollable) -> Result<()> {
    let stat = rustix::fs::fstat(source.as_fd()).map_err(io::Error::from)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile | FileType::Directory => Err(Error::from_errno(
            Errno::PERM.raw_os_error(),
        )
        .attempting("a regular file or directory is always ready, and cannot be waited for")),
        _ => Ok(()),
    }
}

/// Fails unless calls on the socket do not wait by themselves.
pub(crate) fn check_nonblocking(socket: &impl Pollable) -> Result<()> {
    if SockRef::from(socket).nonblocking()? {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput).attempting("the socket must be non-blocking"))
}

/// A call that does not wait needs no mode of the socket's.
pub(crate) fn recv(socket: &impl Pollable, buf: &mut [u8]) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(socket.as_fd(), buf, RecvFlags::DONTWAIT)?;
    Ok(count)
}

pub(crate) fn recv_from(
    socket: &impl Pollable,
    buf: &mut [u8],
) -> io::Result<(usize, Option<std::net::SocketAddr>)> {
    let (count, _, peer) = rustix::net::recvfrom(socket.as_fd(), buf, RecvFlags::DONTWAIT)?;
    Ok((count, peer.and_then(ip_of)))
}

pub(crate) fn send(socket: &impl Pollable, bytes: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(socket.as_fd(), bytes, SEND_FLAGS)?)
}

pub(crate) fn send_to(
    socket: &impl Pollable,
    bytes: &[u8],
    peer: std::net::SocketAddr,
) -> io::Result<usize> {
    Ok(rustix::net::sendto(socket.as_fd(), bytes, SEND_FLAGS, &peer)?)
}

/// Tells whether a connect goes on by itself.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    let errnos = [Errno::INPROGRESS, Errno::INTR];
    errnos.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

pub(crate) fn accept(socket: &impl Pollable) -> io::Result<(OwnedSocket, SockAddr)> {
    let (accepted, peer): (Socket, SockAddr) = SockRef::from(socket).accept()?;
    accepted.set_nonblocking(true)?;
    Ok((accepted.into(), peer))
}

fn ip_of(address: SocketAddrAny) -> Option<std::net::SocketAddr> {
    std::net::SocketAddr::try_from(address).ok()
}
