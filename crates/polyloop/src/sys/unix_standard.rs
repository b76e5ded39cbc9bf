//! The standard streams of the process, whatever is behind them.
//!
//! Nothing here changes the mode of what is behind them: other processes share it, such as the shell
//! that has started this one in a terminal.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::sync::Arc;

use polyloop_core::OsHandle;

/// A duplicate of one of the three descriptors.
#[derive(Clone, Debug)]
pub(crate) struct Standard {
    file: Arc<File>,
}

impl Standard {
    pub(crate) fn input() -> io::Result<Standard> {
        Standard::of(io::stdin().as_fd())
    }

    pub(crate) fn output() -> io::Result<Standard> {
        Standard::of(io::stdout().as_fd())
    }

    pub(crate) fn error() -> io::Result<Standard> {
        Standard::of(io::stderr().as_fd())
    }

    fn of(fd: BorrowedFd<'_>) -> io::Result<Standard> {
        Ok(Standard { file: Arc::new(File::from(fd.try_clone_to_owned()?)) })
    }

    /// Gives what a loop can wait on until a read does not wait; nothing for a file, whose reads
    /// wait only for the disk, and which selectors refuse.
    pub(crate) fn readable(&self) -> io::Result<Option<OsHandle>> {
        let kind = self.file.metadata()?.file_type();
        if !(kind.is_fifo() || kind.is_socket() || kind.is_char_device()) {
            return Ok(None);
        }
        Ok(Some(OsHandle::Descriptor(self.file.try_clone()?)))
    }

    /// Gives what a loop can wait on until a write of [`PIPE_BUF`](Self::PIPE_BUF) bytes does not
    /// wait: that of a pipe. For terminals and sockets no number is promised.
    pub(crate) fn writable(&self) -> io::Result<Option<OsHandle>> {
        if !self.file.metadata()?.file_type().is_fifo() {
            return Ok(None);
        }
        Ok(Some(OsHandle::Descriptor(self.file.try_clone()?)))
    }

    /// Reads once, waiting if there is nothing.
    pub(crate) fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self.file).read(buf)
    }

    /// Writes once, waiting if there is no room.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.file).write(bytes)
    }

    /// What a pipe that is writable takes without waiting: `PIPE_BUF` of POSIX at the least. Linux
    /// has 4096, pipe(7).
    pub(crate) const PIPE_BUF: usize = 512;
}
