//! Descriptors that a loop can wait for as it waits for pipes.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;

use polyloop_core::{Error, ErrorKind, Result};

/// Gives the descriptor back if it is of a pipe, a socket or a character device.
pub(crate) fn checked(fd: OwnedFd, attempt: &str) -> Result<OwnedFd> {
    let file = File::from(fd);
    let kind = file.metadata().map_err(Error::from)?.file_type();
    if kind.is_fifo() || kind.is_socket() || kind.is_char_device() {
        return Ok(OwnedFd::from(file));
    }
    let what = if kind.is_dir() { "a directory" } else { "a file" };
    let said = format!("{attempt} {what} as if it were a pipe");
    Err(Error::new(ErrorKind::InvalidInput).attempting(said))
}
