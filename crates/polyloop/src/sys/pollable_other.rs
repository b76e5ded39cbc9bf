//! Sockets of the user's: anything `AsSocket`.

use std::io;
use std::net::TcpStream;
use std::os::windows::io::{AsRawSocket, AsSocket};

use polyloop_core::{OsHandle, Result};
use rustix::net::{RecvFlags, SendFlags};
use socket2::{SockAddr, SockRef, Socket};

/// Something of the operating system's that can be polled: anything `AsFd` on Unix, anything
/// `AsSocket` on Windows.
pub trait Pollable: AsSocket {}

impl<T: AsSocket> Pollable for T {}

/// What [`Loop::sock_accept`](crate::Loop::sock_accept) gives: an owner of a descriptor, a socket on
/// Windows, which converts into each socket type of the standard library.
pub type OwnedSocket = std::os::windows::io::OwnedSocket;

/// WSAEWOULDBLOCK: what a connect that goes on answers (winsock connect).
const CONNECT_IN_PROGRESS: i32 = 10035;

/// The type of the standard library does not matter: the socket is polled and nothing else.
pub(crate) fn duplicate(source: &impl Pollable) -> Result<OsHandle> {
    let owned = source.as_socket().try_clone_to_owned()?;
    Ok(OsHandle::TcpStream(TcpStream::from(owned)))
}

pub(crate) fn number(source: &impl Pollable) -> u64 {
    source.as_socket().as_raw_socket() as u64
}

/// Every socket can be waited for.
pub(crate) fn check(_source: &impl Pollable) -> Result<()> {
    Ok(())
}

/// The system does not tell the mode of a socket, so that it is non-blocking is the caller's word.
pub(crate) fn check_nonblocking(_socket: &impl Pollable) -> Result<()> {
    Ok(())
}

pub(crate) fn recv(socket: &impl Pollable, buf: &mut [u8]) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(socket.as_socket(), buf, RecvFlags::empty())?;
    Ok(count)
}

pub(crate) fn recv_from(
    socket: &impl Pollable,
    buf: &mut [u8],
) -> io::Result<(usize, Option<std::net::SocketAddr>)> {
    let (count, _, peer) = rustix::net::recvfrom(socket.as_socket(), buf, RecvFlags::empty())?;
    Ok((count, peer.and_then(|peer| std::net::SocketAddr::try_from(peer).ok())))
}

pub(crate) fn send(socket: &impl Pollable, bytes: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(socket.as_socket(), bytes, SendFlags::empty())?)
}

pub(crate) fn send_to(
    socket: &impl Pollable,
    bytes: &[u8],
    peer: std::net::SocketAddr,
) -> io::Result<usize> {
    Ok(rustix::net::sendto(socket.as_socket(), bytes, SendFlags::empty(), &peer)?)
}

/// Tells whether a connect goes on by itself.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(CONNECT_IN_PROGRESS)
}

pub(crate) fn accept(socket: &impl Pollable) -> io::Result<(OwnedSocket, SockAddr)> {
    let (accepted, peer): (Socket, SockAddr) = SockRef::from(socket).accept()?;
    accepted.set_nonblocking(true)?;
    Ok((accepted.into(), peer))
}
