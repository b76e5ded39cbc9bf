use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::os::windows::fs::FileExt;
use std::os::windows::io::{AsSocket, BorrowedSocket};
use std::time::Duration;

use polyloop_core::{
    Address, Error, ErrorKind, Interest, OsHandle, PairKind, ReceivedHandles, Result,
    UnixDatagramSpec, UnixListenSpec, UnixStreamSpec,
};
use rustix::event::{PollFd, PollFlags, Timespec};
use socket2::{SockAddr, SockRef, Socket};

use crate::Blocking;

/// WSAEWOULDBLOCK: what a connect that goes on answers (winsock connect).
const CONNECT_IN_PROGRESS: i32 = 10035;

/// ERROR_TOO_MANY_OPEN_FILES, ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY, WSAEMFILE, WSAENOBUFS.
const EXHAUSTION: [i32; 5] = [4, 8, 14, 10024, 10055];

pub(crate) fn recv(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    match handle {
        OsHandle::TcpStream(stream) => (&*stream).read(buf),
        OsHandle::UdpSocket(socket) => socket.recv(buf),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

pub(crate) fn send(handle: &OsHandle, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    match handle {
        OsHandle::TcpStream(stream) => (&*stream).write_vectored(bufs),
        OsHandle::UdpSocket(socket) => match bufs {
            [buf] => socket.send(buf),
            _ => socket.send(&joined(bufs)),
        },
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

pub(crate) fn recv_socket(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    recv(handle, buf)
}

pub(crate) fn send_socket(handle: &OsHandle, buf: &[u8]) -> io::Result<usize> {
    send(handle, &[IoSlice::new(buf)])
}

pub(crate) fn recv_vectored(handle: &OsHandle, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
    match handle {
        OsHandle::TcpStream(stream) => (&*stream).read_vectored(bufs),
        OsHandle::UdpSocket(socket) => {
            let mut datagram = vec![0; bufs.iter().map(|buf| buf.len()).sum()];
            let len = socket.recv(&mut datagram)?;
            let mut rest = &datagram[..len];
            for buf in bufs {
                let (here, behind) = rest.split_at(rest.len().min(buf.len()));
                buf[..here.len()].copy_from_slice(here);
                rest = behind;
            }
            Ok(len)
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

pub(crate) fn peek(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    match handle {
        OsHandle::TcpStream(stream) => stream.peek(buf),
        OsHandle::UdpSocket(socket) => socket.peek(buf),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

pub(crate) fn peek_from(handle: &OsHandle, buf: &mut [u8]) -> io::Result<(usize, Address)> {
    let (len, address) = datagram(handle)?.peek_from(buf)?;
    Ok((len, address.into()))
}

pub(crate) fn recv_from(handle: &OsHandle, buf: &mut [u8]) -> io::Result<(usize, Address)> {
    let (len, address) = datagram(handle)?.recv_from(buf)?;
    Ok((len, address.into()))
}

pub(crate) fn send_to(
    handle: &OsHandle,
    bufs: &[IoSlice<'_>],
    address: &SocketAddr,
) -> io::Result<usize> {
    let socket = datagram(handle)?;
    match bufs {
        [buf] => socket.send_to(buf, address),
        _ => socket.send_to(&joined(bufs), address),
    }
}

pub(crate) fn destination(address: &Address) -> Result<SocketAddr> {
    Ok(address.as_ip().ok_or(ErrorKind::Unsupported)?)
}

pub(crate) fn to_kernel(address: &Address) -> Result<SockAddr> {
    Ok(address.as_ip().ok_or(ErrorKind::Unsupported)?.into())
}

pub(crate) fn from_kernel(address: &SockAddr) -> Result<Address> {
    Ok(address.as_socket().ok_or(ErrorKind::Unsupported)?.into())
}

pub(crate) fn accept(handle: &OsHandle, blocking: Blocking) -> io::Result<(OsHandle, Address)> {
    let OsHandle::TcpListener(listener) = handle else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let (stream, peer) = listener.accept()?;
    stream.set_nonblocking(blocking == Blocking::No)?;
    Ok((OsHandle::TcpStream(stream), peer.into()))
}

pub(crate) fn send_handles(_: &OsHandle, _: &[IoSlice<'_>], _: &[File]) -> io::Result<usize> {
    Err(Error::new(ErrorKind::Unsupported).into())
}

pub(crate) fn recv_handles(_: &OsHandle, _: &mut [u8], _: usize) -> io::Result<ReceivedHandles> {
    Err(Error::new(ErrorKind::Unsupported).into())
}

pub(crate) fn open_unix_stream(_: &UnixStreamSpec) -> Result<OsHandle> {
    no_unix_sockets()
}

pub(crate) fn open_unix_listener(_: &UnixListenSpec) -> Result<OsHandle> {
    no_unix_sockets()
}

pub(crate) fn open_unix_datagram(_: &UnixDatagramSpec) -> Result<OsHandle> {
    no_unix_sockets()
}

pub(crate) fn open_socket_pair(_: PairKind) -> Result<(OsHandle, OsHandle)> {
    no_unix_sockets()
}

/// Windows has Unix stream sockets since 1803, which nothing here knows how to watch.
fn no_unix_sockets<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported).attempting("open a Unix socket"))
}

pub(crate) fn set_blocking(handle: &OsHandle, blocking: Blocking) -> Result<Blocking> {
    let nonblocking = blocking == Blocking::No;
    match handle {
        OsHandle::TcpStream(stream) => stream.set_nonblocking(nonblocking)?,
        OsHandle::TcpListener(listener) => listener.set_nonblocking(nonblocking)?,
        OsHandle::UdpSocket(socket) => socket.set_nonblocking(nonblocking)?,
        // Anonymous pipes cannot be waited for, nor set not to block.
        OsHandle::PipeReader(_) | OsHandle::PipeWriter(_) if nonblocking => {
            return Err(Error::new(ErrorKind::Unsupported).attempting("wait for a pipe"));
        }
        _ => {}
    }
    Ok(Blocking::Yes)
}

pub(crate) fn poll(
    handle: &OsHandle,
    interest: Interest,
    timeout: Option<Duration>,
) -> Result<Interest> {
    let mut wanted = PollFlags::empty();
    wanted.set(PollFlags::RDNORM, interest.is_readable());
    wanted.set(PollFlags::WRNORM, interest.is_writable());
    let timeout = timeout.map(|timeout| Timespec {
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().cast_signed(),
    });
    let fds = &mut [PollFd::from_borrowed_fd(socket_of(handle)?, wanted)];
    rustix::event::poll(fds, timeout.as_ref()).map_err(io::Error::from)?;
    let found = fds[0].revents();
    if found.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
        return Ok(interest);
    }
    let mut ready = Interest::NONE;
    if found.contains(PollFlags::RDNORM) {
        ready |= Interest::READABLE;
    }
    if found.contains(PollFlags::WRNORM) {
        ready |= Interest::WRITABLE;
    }
    Ok(ready.intersection(interest))
}

fn joined(bufs: &[IoSlice<'_>]) -> Vec<u8> {
    bufs.iter().flat_map(|buf| buf.iter().copied()).collect()
}

fn datagram(handle: &OsHandle) -> io::Result<&UdpSocket> {
    match handle {
        OsHandle::UdpSocket(socket) => Ok(socket),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

pub(crate) fn socket(handle: &OsHandle) -> Result<SockRef<'_>> {
    match handle {
        OsHandle::TcpStream(stream) => Ok(SockRef::from(stream)),
        OsHandle::TcpListener(listener) => Ok(SockRef::from(listener)),
        OsHandle::UdpSocket(socket) => Ok(SockRef::from(socket)),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

fn socket_of(handle: &OsHandle) -> Result<BorrowedSocket<'_>> {
    Ok(match handle {
        OsHandle::TcpStream(stream) => stream.as_socket(),
        OsHandle::TcpListener(listener) => listener.as_socket(),
        OsHandle::UdpSocket(socket) => socket.as_socket(),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

pub(crate) fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buf, offset)
}

pub(crate) fn write_at(file: &File, buf: &[u8], offset: u64) -> io::Result<usize> {
    file.seek_write(buf, offset)
}

pub(crate) fn set_reuse_port(_: &Socket) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}

pub(crate) fn reuse_port(_: &Socket) -> Result<bool> {
    Err(ErrorKind::Unsupported.into())
}

pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(CONNECT_IN_PROGRESS)
}

pub(crate) fn is_protocol_error(_: &Error) -> bool {
    false
}

/// Winsock tells whether probes are on, not after how long (SIO_KEEPALIVE_VALS is set only).
pub(crate) fn keepalive_idle(_: &Socket) -> Result<Duration> {
    Err(ErrorKind::Unsupported.into())
}

pub(crate) fn keepalive_interval(_: &Socket) -> Result<Duration> {
    Err(ErrorKind::Unsupported.into())
}

pub(crate) fn keepalive_retries(_: &Socket) -> Result<u32> {
    Err(ErrorKind::Unsupported.into())
}

pub(crate) fn traffic_class_v6(_: &Socket) -> Result<u32> {
    Err(ErrorKind::Unsupported.into())
}

pub(crate) fn set_traffic_class_v6(_: &Socket, _: u8) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}

pub(crate) fn is_exhaustion(errno: i32) -> bool {
    EXHAUSTION.contains(&errno)
}
