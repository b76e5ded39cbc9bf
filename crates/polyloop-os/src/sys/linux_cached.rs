use std::fs::File;
use std::io::{self, IoSliceMut};

use rustix::fs::{FileType, OFlags};
use rustix::io::{Errno, ReadWriteFlags};

use crate::cached::Memory;

/// The number of tmpfs (include/uapi/linux/magic.h), which does not know RWF_NOWAIT (seen on Linux 6.18).
const TMPFS: u64 = 0x0102_1994;

/// Of what is no regular file a short read may have taken what it gave, so that it cannot be repeated.
/// With O_DIRECT, RWF_NOWAIT keeps a read from waiting for locks and memory, but not for the device
/// (seen on Linux 6.18, ext4).
pub(crate) fn memory_of(file: &File) -> Memory {
    let is_regular =
        rustix::fs::fstat(file).is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_file());
    let is_read_here = rustix::fs::fcntl_getfl(file)
        .is_ok_and(|flags| !flags.intersects(OFlags::DIRECT | OFlags::WRONLY));
    if !is_regular || !is_read_here {
        return Memory::Unknown;
    }
    let is_memory = rustix::fs::fstatfs(file).is_ok_and(|found| found.f_type as u64 == TMPFS);
    if is_memory { Memory::Whole } else { Memory::Part }
}

/// Reads with RWF_NOWAIT (Linux 4.14, preadv2(2)), which gives what is in memory up to the first byte that
/// is not. All that there is, or *would block*; *unsupported* where the system does not say.
pub(crate) fn read_cached(
    file: &File,
    bufs: &mut [IoSliceMut<'_>],
    offset: u64,
    wanted: usize,
    memory: Memory,
) -> io::Result<usize> {
    let is_memory = memory == Memory::Whole;
    let flags = if is_memory { ReadWriteFlags::empty() } else { ReadWriteFlags::NOWAIT };
    match rustix::io::preadv2(file, bufs, offset, flags) {
        Ok(count) if is_memory || count == wanted || is_end(file, offset + count as u64) => {
            Ok(count)
        }
        // A file system that does not know the flag; a kernel or sandbox that does not know the call.
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::PERM) => {
            Err(io::ErrorKind::Unsupported.into())
        }
        _ => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Tells whether a file ends before an offset, or there. A short read does not say: it has come to the end
/// or to what is not in memory. Nor does one of nothing, on Linux 5.9 and 5.10 (preadv2(2), BUGS).
fn is_end(file: &File, offset: u64) -> bool {
    rustix::fs::fstat(file).is_ok_and(|found| found.st_size.cast_unsigned() <= offset)
}
