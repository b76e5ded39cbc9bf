use polyloop_core::{Address, ErrorKind, OsHandle, Result};
use socket2::SockRef;

use crate::sys;

/// How far a connect came at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connecting {
    /// It is connected.
    Done,
    /// The socket becomes writable when it has ended; then ask [`connect_result`].
    InProgress,
}

/// Starts to connect a socket that does not wait.
///
/// # Errors
///
/// The operating system's, saying to where.
pub fn connect_start(handle: &OsHandle, address: &Address) -> Result<Connecting> {
    let peer = address.as_ip().ok_or(ErrorKind::Unsupported)?;
    let result = match handle {
        OsHandle::TcpStream(stream) => SockRef::from(stream).connect(&peer.into()),
        OsHandle::UdpSocket(socket) => socket.connect(peer),
        _ => return Err(ErrorKind::InvalidInput.into()),
    };
    match result {
        Ok(()) => Ok(Connecting::Done),
        Err(error) if sys::is_in_progress(&error) => Ok(Connecting::InProgress),
        Err(error) => {
            Err(polyloop_core::Error::from(error).attempting(format_args!("connect to {address}")))
        }
    }
}

/// Tells how a connect ended once the socket has become writable; *would block* if it has not.
///
/// # Errors
///
/// The operating system's, saying to where.
pub fn connect_result(handle: &OsHandle, address: &Address) -> Result<()> {
    let OsHandle::TcpStream(stream) = handle else { return Ok(()) };
    let failed = |error: std::io::Error| {
        polyloop_core::Error::from(error).attempting(format_args!("connect to {address}"))
    };
    if let Some(error) = stream.take_error().map_err(failed)? {
        return Err(failed(error));
    }
    match stream.peer_addr() {
        Ok(_) => Ok(()),
        // Writable without a peer and without an error: the event was of before the connect.
        Err(error) if error.kind() == std::io::ErrorKind::NotConnected => {
            Err(ErrorKind::WouldBlock.into())
        }
        Err(error) => Err(failed(error)),
    }
}
