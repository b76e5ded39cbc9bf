#![allow(unsafe_code, reason = "posix_fadvise(2), which the standard library does not have")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Has the system keep no more of a file in memory than its first page, where it follows advice.
pub(crate) fn keep_first_page(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    // Only what is on the device can be given up.
    file.sync_all()?;
    advise(&file, libc::POSIX_FADV_DONTNEED);
    // Else more than what is read is fetched ahead.
    advise(&file, libc::POSIX_FADV_RANDOM);
    file.read_exact_at(&mut [0], 0)
}

fn advise(file: &File, advice: libc::c_int) {
    // SAFETY: the descriptor is open while the file is borrowed, and the call touches no memory.
    unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, advice) };
}
