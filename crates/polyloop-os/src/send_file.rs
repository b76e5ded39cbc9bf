use polyloop_core::{ErrorKind, OsHandle, Result};

use crate::file::retry_interrupted;
use crate::sys;

/// Sends once from a file what the socket or pipe takes, at most `len` bytes; zero is the end of
/// the file. Does not wait for a socket or pipe that has been set not to, but may for the device.
///
/// Where the system has no call for that, and for files that it does not know how to send, the bytes
/// are read and then sent.
///
/// # Platform notes
///
/// sendfile(2) cannot be told not to raise SIGPIPE at a closed peer, which Rust programs ignore from
/// their start: it is an error then (EPIPE).
pub fn send_file(handle: &OsHandle, file: &OsHandle, offset: u64, len: usize) -> Result<usize> {
    let OsHandle::File(file) = file else { return Err(ErrorKind::InvalidInput.into()) };
    retry_interrupted(|| sys::send_file(handle, file, offset, len))
}
