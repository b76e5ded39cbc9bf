use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::time::Duration;

use polyloop_core::{Address, Error, ErrorKind, Interest, OsHandle, ReceivedHandles, Result};

use crate::file::retry_interrupted;
use crate::{Blocking, sys};

/// Slices that one call takes: IOV_MAX, where a system has one (1024 on Linux, macOS, the BSDs and
/// illumos). Of more slices [`send`] and [`recv_vectored`] use only so many, of a stream: less than all
/// is no sign that a call would block.
pub const SLICES_MAX: usize = 1024;

/// Sends no more slices than a call takes: of a stream the first, of a datagram all as one.
#[inline]
fn gathered(
    handle: &OsHandle,
    bufs: &[IoSlice<'_>],
    send: impl FnOnce(&[IoSlice<'_>]) -> Result<usize>,
) -> Result<usize> {
    if bufs.len() <= SLICES_MAX {
        return send(bufs);
    }
    if matches!(handle, OsHandle::UdpSocket(_) | OsHandle::UnixDatagram(_)) {
        let datagram: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).collect();
        return send(&[IoSlice::new(&datagram)]);
    }
    let filled = bufs.iter().filter(|buf| !buf.is_empty()).take(SLICES_MAX);
    send(&filled.map(|buf| IoSlice::new(buf)).collect::<Vec<_>>())
}

/// Receives once without waiting; zero is the end of the stream.
///
/// On Unix it does not wait on a socket that would, either, nor on Linux on a pipe; elsewhere a pipe
/// must have been set not to.
#[inline]
pub fn recv(handle: &OsHandle, buf: &mut [u8]) -> Result<usize> {
    retry_interrupted(|| sys::recv(handle, buf))
}

/// Receives once without waiting from a socket, and from nothing else; in fewer instructions than [`recv`].
///
/// It tells also that a signal has interrupted it.
#[inline]
pub fn recv_socket(handle: &OsHandle, buf: &mut [u8]) -> io::Result<usize> {
    sys::recv_socket(handle, buf)
}

/// Sends once without waiting what the kernel takes; as [`recv`] for what would wait.
///
/// A closed peer is an error (EPIPE), never a signal; for pipes that is so since Linux 6.18, and
/// before and elsewhere only where SIGPIPE is ignored, as Rust programs do from their start.
#[inline]
pub fn send(handle: &OsHandle, bufs: &[IoSlice<'_>]) -> Result<usize> {
    gathered(handle, bufs, |bufs| retry_interrupted(|| sys::send(handle, bufs)))
}

/// Sends one slice to a socket, and to nothing else; in fewer instructions than [`send`].
///
/// It tells also that a signal has interrupted it.
#[inline]
pub fn send_socket(handle: &OsHandle, buf: &[u8]) -> io::Result<usize> {
    sys::send_socket(handle, buf)
}

/// Receives once without waiting into several buffers; perhaps not into all of them.
pub fn recv_vectored(handle: &OsHandle, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
    // One that begins with what takes nothing would look like the end.
    let first = bufs.iter().position(|buf| !buf.is_empty()).unwrap_or(0);
    let behind = bufs.len().min(first + SLICES_MAX);
    retry_interrupted(|| sys::recv_vectored(handle, &mut bufs[first..behind]))
}

/// Looks at what a socket has without taking it; an error is taken.
pub fn peek(handle: &OsHandle, buf: &mut [u8]) -> Result<usize> {
    retry_interrupted(|| sys::peek(handle, buf))
}

/// Looks at a datagram without taking it.
pub fn peek_from(handle: &OsHandle, buf: &mut [u8]) -> Result<(usize, Address)> {
    retry_interrupted(|| sys::peek_from(handle, buf))
}

/// Receives one datagram without waiting.
pub fn recv_from(handle: &OsHandle, buf: &mut [u8]) -> Result<(usize, Address)> {
    retry_interrupted(|| sys::recv_from(handle, buf))
}

/// Sends one datagram without waiting.
pub fn send_to(handle: &OsHandle, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
    let destination = sys::destination(address)?;
    gathered(handle, bufs, |bufs| retry_interrupted(|| sys::send_to(handle, bufs, &destination)))
}

/// Sends once without waiting on a Unix socket, and duplicates of handles with the first byte.
///
/// # Errors
///
/// *Invalid input* for handles without a byte on a stream, which would not carry them.
pub fn send_handles(handle: &OsHandle, bufs: &[IoSlice<'_>], handles: &[File]) -> Result<usize> {
    let is_empty = bufs.iter().all(|buf| buf.is_empty());
    if matches!(handle, OsHandle::UnixStream(_)) && is_empty {
        let error = Error::new(ErrorKind::InvalidInput);
        return Err(error.attempting("send handles without a byte to go with"));
    }
    gathered(handle, bufs, |bufs| retry_interrupted(|| sys::send_handles(handle, bufs, handles)))
}

/// Receives once without waiting from a Unix socket, with at most so many handles,
/// close-on-exec; those beyond are closed, and that is told.
pub fn recv_handles(
    handle: &OsHandle,
    buf: &mut [u8],
    handles_max: usize,
) -> Result<ReceivedHandles> {
    retry_interrupted(|| sys::recv_handles(handle, buf, handles_max))
}

/// Takes one connection from a listener, close-on-exec, that waits or not as `blocking` says.
///
/// Does not wait if the listener does not.
pub fn accept(handle: &OsHandle, blocking: Blocking) -> Result<(OsHandle, Address)> {
    retry_interrupted(|| sys::accept(handle, blocking))
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
    Ok(sys::socket(handle)?.shutdown(how)?)
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
