//! Attempts on pipes that wait: sockets have MSG_DONTWAIT, pipes have RWF_NOWAIT.

use std::io::{self, IoSlice, IoSliceMut, PipeReader, PipeWriter};
use std::os::fd::AsFd;

use polyloop_core::{ErrorKind, Result};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::{Errno, ReadWriteFlags};

use crate::kernel::RWF_NOSIGNAL;

/// Reads what is there; *would block* if nothing is.
pub(crate) fn read_now(reader: &PipeReader, buf: &mut [u8]) -> Result<usize> {
    loop {
        let bufs = &mut [IoSliceMut::new(buf)];
        match rustix::io::preadv2(reader, bufs, CURRENT, ReadWriteFlags::NOWAIT) {
            Err(Errno::INTR) => {}
            // Before Linux 6.4 pipes knew no such flag.
            Err(Errno::OPNOTSUPP) => {
                require(reader, PollFlags::IN)?;
                return Ok(io::Read::read(&mut &*reader, buf)?);
            }
            result => return Ok(result.map_err(io::Error::from)?),
        }
    }
}

/// Writes what there is room for; *would block* if there is none.
pub(crate) fn write_now(writer: &PipeWriter, bufs: &[IoSlice<'_>]) -> Result<usize> {
    let mut flags = ReadWriteFlags::NOWAIT | ReadWriteFlags::from_bits_retain(RWF_NOSIGNAL as u32);
    loop {
        match rustix::io::pwritev2(writer, bufs, CURRENT, flags) {
            Err(Errno::INTR) => {}
            Err(Errno::OPNOTSUPP | Errno::INVAL) if flags != ReadWriteFlags::NOWAIT => {
                flags = ReadWriteFlags::NOWAIT;
            }
            // A pipe that is ready takes PIPE_BUF bytes without waiting, pipe(7).
            Err(Errno::OPNOTSUPP) => {
                require(writer, PollFlags::OUT)?;
                let Some(buf) = bufs.iter().find(|buf| !buf.is_empty()) else { return Ok(0) };
                let some = &buf[..buf.len().min(PIPE_BUF)];
                return Ok(io::Write::write(&mut &*writer, some)?);
            }
            result => return Ok(result.map_err(io::Error::from)?),
        }
    }
}

/// The offset that means "where it is".
const CURRENT: u64 = u64::MAX;

const PIPE_BUF: usize = 4096;

fn require(pipe: impl AsFd, readiness: PollFlags) -> Result<()> {
    let fds = &mut [PollFd::new(&pipe, readiness)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    match rustix::event::poll(fds, Some(&now)).map_err(io::Error::from)? {
        0 => Err(ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}
