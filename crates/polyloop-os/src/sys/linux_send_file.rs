use std::fs::File;
use std::io;

use polyloop_core::OsHandle;
use rustix::io::Errno;

use super::read_then_send::read_then_send;
use super::unix::fd_of;

pub(crate) fn send_file(
    handle: &OsHandle,
    file: &File,
    offset: u64,
    len: usize,
) -> io::Result<usize> {
    let mut at = offset;
    match rustix::fs::sendfile(fd_of(handle)?, file, Some(&mut at), len) {
        // Not every file can be sent so; those of /proc cannot, for one. sendfile(2).
        Err(Errno::INVAL | Errno::NOSYS) => read_then_send(handle, file, offset, len),
        result => Ok(result?),
    }
}
