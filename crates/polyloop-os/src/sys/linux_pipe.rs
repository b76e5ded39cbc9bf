//! Attempts on pipes, whether they wait or not: where sockets have MSG_DONTWAIT and MSG_NOSIGNAL,
//! pipes have RWF_NOWAIT and, since Linux 6.18, RWF_NOSIGNAL.

use std::io::{self, IoSlice, IoSliceMut, PipeReader, PipeWriter};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::{Errno, ReadWriteFlags};

/// Reads what is there; *would block* if nothing is.
pub(super) fn read(reader: &PipeReader, buf: &mut [u8]) -> io::Result<usize> {
    let bufs = &mut [IoSliceMut::new(buf)];
    match rustix::io::preadv2(reader, bufs, CURRENT, ReadWriteFlags::NOWAIT) {
        // Before Linux 6.4 pipes knew no such flag.
        Err(Errno::OPNOTSUPP) => {
            require(reader, PollFlags::IN)?;
            io::Read::read(&mut &*reader, buf)
        }
        result => Ok(result?),
    }
}

/// Writes what there is room for; *would block* if there is none.
pub(super) fn write(writer: &PipeWriter, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    let mut flags = ReadWriteFlags::NOWAIT | NOSIGNAL;
    loop {
        match rustix::io::pwritev2(writer, bufs, CURRENT, flags) {
            Err(Errno::OPNOTSUPP | Errno::INVAL) if flags != ReadWriteFlags::NOWAIT => {
                flags = ReadWriteFlags::NOWAIT;
            }
            // A pipe that is ready takes PIPE_BUF bytes without waiting, pipe(7).
            Err(Errno::OPNOTSUPP) => {
                require(writer, PollFlags::OUT)?;
                let Some(buf) = bufs.iter().find(|buf| !buf.is_empty()) else { return Ok(0) };
                let some = &buf[..buf.len().min(PIPE_BUF)];
                return io::Write::write(&mut &*writer, some);
            }
            result => return Ok(result?),
        }
    }
}

/// The offset that means "where it is".
const CURRENT: u64 = u64::MAX;

/// RWF_NOSIGNAL, which rustix does not name yet (Linux 6.18, include/uapi/linux/fs.h).
const NOSIGNAL: ReadWriteFlags = ReadWriteFlags::from_bits_retain(0x100);

const PIPE_BUF: usize = 4096;

fn require(pipe: impl AsFd, readiness: PollFlags) -> io::Result<()> {
    let fds = &mut [PollFd::new(&pipe, readiness)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    match rustix::event::poll(fds, Some(&now))? {
        0 => Err(io::ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}
