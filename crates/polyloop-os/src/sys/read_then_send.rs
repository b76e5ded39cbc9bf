use std::fs::File;
use std::io::{self, IoSlice};

use polyloop_core::OsHandle;

use super::{read_at, send};

/// Sends a piece of a file by way of memory. What is read and not taken is read again.
pub(crate) fn read_then_send(
    handle: &OsHandle,
    file: &File,
    offset: u64,
    len: usize,
) -> io::Result<usize> {
    let mut piece = vec![0; len.min(PIECE)];
    match read_at(file, &mut piece, offset)? {
        0 => Ok(0),
        count => send(handle, &[IoSlice::new(&piece[..count])]),
    }
}

/// What a socket's send buffer takes in a few steps.
const PIECE: usize = 64 * 1024;
