use polyloop_core::{Address, ErrorKind, OsHandle, Result};

use crate::sys;

/// How far a connect came at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connecting {
    /// It is connected.
    Done,
    /// The socket becomes writable when it has ended; then ask [`connect_result`].
    InProgress,
    /// The listener's backlog is full, and nothing will tell when it is no longer: to be tried
    /// again later. Of Unix sockets on Linux, connect(2).
    Later,
}

/// Starts to connect a socket that does not wait.
///
/// # Errors
///
/// The operating system's, saying to where.
pub fn connect_start(handle: &OsHandle, address: &Address) -> Result<Connecting> {
    let peer = sys::to_kernel(address)?;
    match sys::socket(handle)?.connect(&peer) {
        Ok(()) => Ok(Connecting::Done),
        Err(error) if sys::is_in_progress(&error) => Ok(Connecting::InProgress),
        Err(error) if is_unix(handle) && error.kind() == std::io::ErrorKind::WouldBlock => {
            Ok(Connecting::Later)
        }
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
    if !matches!(handle, OsHandle::TcpStream(_) | OsHandle::UnixStream(_)) {
        return Ok(());
    }
    let socket = sys::socket(handle)?;
    let failed = |error: std::io::Error| {
        polyloop_core::Error::from(error).attempting(format_args!("connect to {address}"))
    };
    if let Some(error) = socket.take_error().map_err(failed)? {
        return Err(failed(error));
    }
    match socket.peer_addr() {
        Ok(_) => Ok(()),
        // Writable without a peer and without an error: the event was of before the connect.
        Err(error) if error.kind() == std::io::ErrorKind::NotConnected => {
            Err(ErrorKind::WouldBlock.into())
        }
        Err(error) => Err(failed(error)),
    }
}

fn is_unix(handle: &OsHandle) -> bool {
    matches!(handle, OsHandle::UnixStream(_) | OsHandle::UnixDatagram(_))
}
