use std::fs::File;
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::time::Duration;

use polyloop_core::{Error, ErrorKind, Interest, OsHandle, Result};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags};
use socket2::{SockRef, Socket};

use super::pipe;
use crate::Blocking;

/// Apple has no such flag; socket2 sets SO_NOSIGPIPE on what it makes, and `accept` below.
#[cfg(target_vendor = "apple")]
const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT;
#[cfg(not(target_vendor = "apple"))]
const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

pub(crate) fn recv(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    match handle {
        OsHandle::TcpStream(stream) => recv_socket(stream.as_fd(), buf),
        OsHandle::UdpSocket(socket) => recv_socket(socket.as_fd(), buf),
        OsHandle::PipeReader(reader) => pipe::read(reader, buf),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn recv_socket(fd: BorrowedFd<'_>, buf: &mut [u8]) -> io::Result<usize> {
    let (len, _) = rustix::net::recv(fd, buf, RecvFlags::DONTWAIT)?;
    Ok(len)
}

pub(crate) fn send(handle: &OsHandle, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    match handle {
        OsHandle::TcpStream(stream) => send_socket(stream.as_fd(), bufs),
        OsHandle::UdpSocket(socket) => send_socket(socket.as_fd(), bufs),
        OsHandle::PipeWriter(writer) => pipe::write(writer, bufs),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn send_socket(fd: BorrowedFd<'_>, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    if let [buf] = bufs {
        return Ok(rustix::net::send(fd, buf, SEND_FLAGS)?);
    }
    Ok(rustix::net::sendmsg(fd, bufs, &mut SendAncillaryBuffer::default(), SEND_FLAGS)?)
}

pub(crate) fn recv_from(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    let (len, _, address) = rustix::net::recvfrom(socket, buf, RecvFlags::DONTWAIT)?;
    let address = address.ok_or(io::ErrorKind::InvalidData)?;
    Ok((len, SocketAddr::try_from(address)?))
}

pub(crate) fn send_to(
    socket: &UdpSocket,
    bufs: &[IoSlice<'_>],
    address: SocketAddr,
) -> io::Result<usize> {
    if let [buf] = bufs {
        return Ok(rustix::net::sendto(socket, buf, SEND_FLAGS, &address)?);
    }
    let control = &mut SendAncillaryBuffer::default();
    Ok(rustix::net::sendmsg_addr(socket, &address, bufs, control, SEND_FLAGS)?)
}

#[cfg(not(target_vendor = "apple"))]
pub(crate) fn accept(
    listener: &TcpListener,
    blocking: Blocking,
) -> io::Result<(TcpStream, SocketAddr)> {
    use rustix::net::SocketFlags;

    let mut flags = SocketFlags::CLOEXEC;
    flags.set(SocketFlags::NONBLOCK, blocking == Blocking::No);
    let (stream, peer) = rustix::net::acceptfrom_with(listener, flags)?;
    let peer = peer.ok_or(io::ErrorKind::InvalidData)?;
    Ok((stream.into(), SocketAddr::try_from(peer)?))
}

/// Apple has no accept4.
#[cfg(target_vendor = "apple")]
pub(crate) fn accept(
    listener: &TcpListener,
    blocking: Blocking,
) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, peer) = listener.accept()?;
    stream.set_nonblocking(blocking == Blocking::No)?;
    rustix::net::sockopt::set_socket_nosigpipe(&stream, true)?;
    Ok((stream, peer))
}

pub(crate) fn set_blocking(handle: &OsHandle, blocking: Blocking) -> Result<Blocking> {
    if matches!(handle, OsHandle::File(_) | OsHandle::Descriptor(_)) {
        return Ok(Blocking::Yes);
    }
    let fd = fd_of(handle)?;
    let old = rustix::fs::fcntl_getfl(fd).map_err(io::Error::from)?;
    let mut new = old;
    new.set(OFlags::NONBLOCK, blocking == Blocking::No);
    if new != old {
        rustix::fs::fcntl_setfl(fd, new).map_err(io::Error::from)?;
    }
    Ok(if old.contains(OFlags::NONBLOCK) { Blocking::No } else { Blocking::Yes })
}

pub(crate) fn poll(
    handle: &OsHandle,
    interest: Interest,
    timeout: Option<Duration>,
) -> Result<Interest> {
    let mut wanted = PollFlags::empty();
    wanted.set(PollFlags::IN, interest.is_readable());
    wanted.set(PollFlags::OUT, interest.is_writable());
    let timeout = timeout.map(|timeout| Timespec {
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let fds = &mut [PollFd::from_borrowed_fd(fd_of(handle)?, wanted)];
    match rustix::event::poll(fds, timeout.as_ref()) {
        Ok(_) => {}
        Err(Errno::INTR) => return Ok(Interest::NONE),
        Err(errno) => return Err(io::Error::from(errno).into()),
    }
    let found = fds[0].revents();
    if found.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
        return Ok(interest);
    }
    let mut ready = Interest::NONE;
    if found.contains(PollFlags::IN) {
        ready |= Interest::READABLE;
    }
    if found.contains(PollFlags::OUT) {
        ready |= Interest::WRITABLE;
    }
    Ok(ready.intersection(interest))
}

pub(super) fn fd_of(handle: &OsHandle) -> Result<BorrowedFd<'_>> {
    Ok(match handle {
        OsHandle::TcpStream(stream) => stream.as_fd(),
        OsHandle::TcpListener(listener) => listener.as_fd(),
        OsHandle::UdpSocket(socket) => socket.as_fd(),
        OsHandle::File(file) | OsHandle::Descriptor(file) => file.as_fd(),
        OsHandle::PipeReader(reader) => reader.as_fd(),
        OsHandle::PipeWriter(writer) => writer.as_fd(),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

pub(crate) fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buf, offset)
}

pub(crate) fn write_at(file: &File, buf: &[u8], offset: u64) -> io::Result<usize> {
    file.write_at(buf, offset)
}

pub(crate) fn set_reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    let errno = error.raw_os_error();
    errno == Some(Errno::INPROGRESS.raw_os_error()) || errno == Some(Errno::INTR.raw_os_error())
}

/// EPROTO, ENOPROTOOPT, EOPNOTSUPP and EHOSTDOWN have no stable kind of their own in std.
pub(crate) fn is_protocol_error(error: &Error) -> bool {
    let errnos = [Errno::PROTO, Errno::NOPROTOOPT, Errno::OPNOTSUPP, Errno::HOSTDOWN];
    errnos.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

pub(crate) fn keepalive_idle(socket: &SockRef<'_>) -> io::Result<Duration> {
    socket.tcp_keepalive_time()
}

pub(crate) fn is_exhaustion(errno: i32) -> bool {
    let errnos = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    errnos.iter().any(|exhaustion| exhaustion.raw_os_error() == errno)
}
