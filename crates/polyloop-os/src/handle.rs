use polyloop_core::{OsHandle, Result};

use crate::sys;

/// Whether calls on a handle wait.
///
/// Selectors need handles that do not; a ring needs handles that do, because it answers EAGAIN
/// instead of waiting on one that does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blocking {
    /// Calls wait.
    Yes,
    /// Calls answer *would block*.
    No,
}

/// What a handle is, to tell which ops fit it.
// What receives bytes, what sends them, and both together are beside each other: one comparison each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HandleKind {
    /// The read end of a pipe.
    PipeReader,
    /// A stream socket.
    Stream,
    /// The write end of a pipe.
    PipeWriter,
    /// A datagram socket.
    Datagram,
    /// A listening socket.
    Listener,
    /// A regular file.
    File,
    /// A descriptor that is only polled.
    Descriptor,
}

/// Tells what a handle is; nothing for a kind that this version does not know.
pub fn kind_of(handle: &OsHandle) -> Option<HandleKind> {
    Some(match handle {
        OsHandle::TcpStream(_) | OsHandle::UnixStream(_) => HandleKind::Stream,
        OsHandle::TcpListener(_) | OsHandle::UnixListener(_) => HandleKind::Listener,
        OsHandle::UdpSocket(_) | OsHandle::UnixDatagram(_) => HandleKind::Datagram,
        OsHandle::File(_) => HandleKind::File,
        OsHandle::PipeReader(_) => HandleKind::PipeReader,
        OsHandle::PipeWriter(_) => HandleKind::PipeWriter,
        OsHandle::Descriptor(_) => HandleKind::Descriptor,
        _ => return None,
    })
}

/// Tells whether handles can travel with the bytes of a socket.
pub fn carries_handles(handle: &OsHandle) -> bool {
    matches!(handle, OsHandle::UnixStream(_) | OsHandle::UnixDatagram(_))
}

/// Sets whether calls on a handle wait, and tells what was set before, to restore it.
///
/// Files are left alone: they always wait. So are mere descriptors: their owner reads them.
///
/// # Platform notes
///
/// The flag belongs to the open file description, which duplicates of the descriptor share.
/// On Windows nobody can ask a socket; it is taken to have been blocking, as the standard
/// library makes it.
pub fn set_blocking(handle: &OsHandle, blocking: Blocking) -> Result<Blocking> {
    sys::set_blocking(handle, blocking)
}
