use std::io::IoSlice;
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use polyloop_core::{Address, Error, ErrorKind, Interest, OsHandle, Result};
use socket2::SockRef;

use crate::file::retry_interrupted;
use crate::{Blocking, sys};

/// Receives once without waiting; zero is the end of the stream.
///
/// On Unix it does not wait on a socket that would, either, nor on Linux on a pipe; elsewhere a pipe
/// must have been set not to.
pub fn recv(handle: &OsHandle, buf: &mut [u8]) -> Result<usize> {
    retry_interrupted(|| sys::recv(handle, buf))
}

/// Sends once without waiting what the kernel takes; as [`recv`] for what would wait.
///
/// A closed peer is an error (EPIPE), never a signal; for pipes that is so since Linux 6.18, and
/// before and elsewhere only where SIGPIPE is ignored, as Rust programs do from their start.
pub fn send(handle: &OsHandle, bufs: &[IoSlice<'_>]) -> Result<usize> {
    retry_interrupted(|| sys::send(handle, bufs))
}

/// Receives one datagram without waiting.
pub fn recv_from(handle: &OsHandle, buf: &mut [u8]) -> Result<(usize, Address)> {
    let OsHandle::UdpSocket(socket) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    let (len, address) = retry_interrupted(|| sys::recv_from(socket, buf))?;
    Ok((len, address.into()))
}

/// Sends one datagram without waiting.
pub fn send_to(handle: &OsHandle, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
    let OsHandle::UdpSocket(socket) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    let peer = address.as_ip().ok_or(ErrorKind::Unsupported)?;
    retry_interrupted(|| sys::send_to(socket, bufs, peer))
}

/// Takes one connection from a listener, close-on-exec, that waits or not as `blocking` says.
///
/// Does not wait if the listener does not.
pub fn accept(handle: &OsHandle, blocking: Blocking) -> Result<(OsHandle, SocketAddr)> {
    let OsHandle::TcpListener(listener) = handle else {
        return Err(ErrorKind::InvalidInput.into());
    };
    let (stream, peer) = retry_interrupted(|| sys::accept(listener, blocking))?;
    Ok((OsHandle::TcpStream(stream), peer))
}

/// Tells whether an accept failed for the one connection only: the listener goes on with the next.
///
/// accept(2) lists the network errors that Linux hands from the new socket to accept.
pub fn is_transient_accept_error(error: &Error) -> bool {
    use std::io::ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, NetworkDown, NetworkUnreachable,
    };
    let kinds =
        [ConnectionAborted, ConnectionReset, HostUnreachable, NetworkDown, NetworkUnreachable];
    matches!(error.kind(), ErrorKind::Io(kind) if kinds.contains(&kind))
        || sys::is_protocol_error(error)
}

/// Tells whether a call failed because descriptors or memory have run out: EMFILE, ENFILE, ENOBUFS
/// or ENOMEM. It may succeed later.
pub fn is_exhaustion_error(error: &Error) -> bool {
    error.raw_os_error().is_some_and(sys::is_exhaustion)
}

/// Ends one or both directions of a connection; *not connected* once the peer has reset it.
pub fn shutdown(handle: &OsHandle, how: Shutdown) -> Result<()> {
    let OsHandle::TcpStream(stream) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    Ok(SockRef::from(stream).shutdown(how)?)
}

/// Tells which of the readiness asked for is there now. Consumes nothing.
pub fn poll_now(handle: &OsHandle, interest: Interest) -> Result<Interest> {
    poll_wait(handle, interest, Some(Duration::ZERO))
}

/// Waits until a handle is ready, at most `timeout`; gives no direction if that has passed.
///
/// An error or a hang-up shows as every direction asked for.
pub fn poll_wait(
    handle: &OsHandle,
    interest: Interest,
    timeout: Option<Duration>,
) -> Result<Interest> {
    sys::poll(handle, interest, timeout)
}
