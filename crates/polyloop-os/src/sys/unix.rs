use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::time::Duration;

use polyloop_core::{Address, Error, ErrorKind, Interest, OsHandle, Result};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::net::{RecvAncillaryBuffer, RecvFlags, SendAncillaryBuffer, SendFlags};
use socket2::{SockAddr, SockRef, Socket};

use super::unix_socket_fd::socket_fd;
use super::{pipe, unix_name as name};
use crate::Blocking;

/// Apple has no such flag; socket2 sets SO_NOSIGPIPE on what it makes, and `accept` below.
#[cfg(target_vendor = "apple")]
pub(super) const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT;
#[cfg(not(target_vendor = "apple"))]
pub(super) const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

const PEEK: RecvFlags = RecvFlags::DONTWAIT.union(RecvFlags::PEEK);

#[inline]
pub(crate) fn recv(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    match handle {
        OsHandle::PipeReader(reader) => pipe::read(reader, buf),
        handle => recv_socket(handle, buf),
    }
}

// Always: as a function of its own it is half as long again.
#[inline(always)]
pub(crate) fn recv_socket(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::net::recv(socket_fd(handle)?, buf, RecvFlags::DONTWAIT)?.0)
}

pub(crate) fn recv_vectored(handle: &OsHandle, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
    if let OsHandle::PipeReader(reader) = handle {
        let first = bufs.iter_mut().find(|buf| !buf.is_empty());
        return first.map_or(Ok(0), |buf| pipe::read(reader, buf));
    }
    let control = &mut RecvAncillaryBuffer::default();
    let fd = socket_fd(handle)?;
    Ok(rustix::net::recvmsg(fd, bufs, control, RecvFlags::DONTWAIT)?.bytes)
}

pub(crate) fn peek(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::net::recv(socket_fd(handle)?, buf, PEEK)?.0)
}

pub(crate) fn peek_from(handle: &OsHandle, buf: &mut [u8]) -> io::Result<(usize, Address)> {
    let (len, _, address) = rustix::net::recvfrom(socket_fd(handle)?, buf, PEEK)?;
    Ok((len, name::sender(address)?))
}

#[inline]
pub(crate) fn send(handle: &OsHandle, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    if let OsHandle::PipeWriter(writer) = handle {
        return pipe::write(writer, bufs);
    }
    if let [buf] = bufs {
        return send_socket(handle, buf);
    }
    let control = &mut SendAncillaryBuffer::default();
    Ok(rustix::net::sendmsg(socket_fd(handle)?, bufs, control, SEND_FLAGS)?)
}

#[inline(always)]
pub(crate) fn send_socket(handle: &OsHandle, buf: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(socket_fd(handle)?, buf, SEND_FLAGS)?)
}

pub(crate) fn recv_from(handle: &OsHandle, buf: &mut [u8]) -> io::Result<(usize, Address)> {
    let fd = socket_fd(handle)?;
    let (len, _, address) = rustix::net::recvfrom(fd, buf, RecvFlags::DONTWAIT)?;
    Ok((len, name::sender(address)?))
}

pub(crate) fn send_to(
    handle: &OsHandle,
    bufs: &[IoSlice<'_>],
    address: &Destination,
) -> io::Result<usize> {
    let fd = socket_fd(handle)?;
    match (address, bufs) {
        (Destination::Ip(address), [buf]) => Ok(rustix::net::sendto(fd, buf, SEND_FLAGS, address)?),
        (Destination::Ip(address), bufs) => {
            let control = &mut SendAncillaryBuffer::default();
            Ok(rustix::net::sendmsg_addr(fd, address, bufs, control, SEND_FLAGS)?)
        }
        (Destination::Other(address), bufs) => {
            let flags = SEND_FLAGS.bits().cast_signed();
            SockRef::from(&fd).send_to_vectored_with_flags(bufs, address, flags)
        }
    }
}

/// Where a datagram goes, as the calls take it.
pub(crate) enum Destination {
    Ip(SocketAddr),
    Other(SockAddr),
}

pub(crate) fn destination(address: &Address) -> Result<Destination> {
    match address {
        Address::Ip(address) => Ok(Destination::Ip(*address)),
        address => Ok(Destination::Other(name::to_kernel(address)?)),
    }
}

#[cfg(not(target_vendor = "apple"))]
pub(crate) fn accept(handle: &OsHandle, blocking: Blocking) -> io::Result<(OsHandle, Address)> {
    use rustix::net::SocketFlags;

    let mut flags = SocketFlags::CLOEXEC;
    flags.set(SocketFlags::NONBLOCK, blocking == Blocking::No);
    let (stream, peer) = rustix::net::acceptfrom_with(socket_fd(handle)?, flags)?;
    Ok((accepted(handle, stream), name::sender(peer)?))
}

/// Apple has no accept4.
#[cfg(target_vendor = "apple")]
pub(crate) fn accept(handle: &OsHandle, blocking: Blocking) -> io::Result<(OsHandle, Address)> {
    let (stream, peer) = rustix::net::acceptfrom(socket_fd(handle)?)?;
    rustix::io::fcntl_setfd(&stream, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&stream, blocking == Blocking::No)?;
    rustix::net::sockopt::set_socket_nosigpipe(&stream, true)?;
    Ok((accepted(handle, stream), name::sender(peer)?))
}

/// Makes the handle of what a listener accepted.
pub(crate) fn accepted(listener: &OsHandle, stream: OwnedFd) -> OsHandle {
    match listener {
        OsHandle::UnixListener(_) => OsHandle::UnixStream(stream.into()),
        _ => OsHandle::TcpStream(stream.into()),
    }
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
        OsHandle::UnixStream(file)
        | OsHandle::UnixListener(file)
        | OsHandle::UnixDatagram(file) => file.as_fd(),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

pub(crate) fn socket(handle: &OsHandle) -> Result<SockRef<'_>> {
    match handle {
        OsHandle::TcpStream(stream) => Ok(SockRef::from(stream)),
        OsHandle::TcpListener(listener) => Ok(SockRef::from(listener)),
        OsHandle::UdpSocket(socket) => Ok(SockRef::from(socket)),
        OsHandle::UnixStream(file)
        | OsHandle::UnixListener(file)
        | OsHandle::UnixDatagram(file) => Ok(SockRef::from(file)),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

pub(crate) fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buf, offset)
}

pub(crate) fn write_at(file: &File, buf: &[u8], offset: u64) -> io::Result<usize> {
    file.write_at(buf, offset)
}

pub(crate) fn set_reuse_port(socket: &Socket) -> Result<()> {
    Ok(socket.set_reuse_port(true)?)
}

pub(crate) fn reuse_port(socket: &Socket) -> Result<bool> {
    Ok(socket.reuse_port()?)
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

pub(crate) fn keepalive_idle(socket: &Socket) -> Result<Duration> {
    Ok(socket.tcp_keepalive_time()?)
}

pub(crate) fn keepalive_interval(socket: &Socket) -> Result<Duration> {
    Ok(socket.tcp_keepalive_interval()?)
}

pub(crate) fn keepalive_retries(socket: &Socket) -> Result<u32> {
    Ok(socket.tcp_keepalive_retries()?)
}

pub(crate) fn traffic_class_v6(socket: &Socket) -> Result<u32> {
    Ok(socket.tclass_v6()?)
}

pub(crate) fn set_traffic_class_v6(socket: &Socket, class: u8) -> Result<()> {
    Ok(socket.set_tclass_v6(class.into())?)
}

pub(crate) fn is_exhaustion(errno: i32) -> bool {
    let errnos = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    errnos.iter().any(|exhaustion| exhaustion.raw_os_error() == errno)
}
