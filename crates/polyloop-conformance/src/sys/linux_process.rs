#![allow(unsafe_code, reason = "pidfd_open(2), which the standard library does not have")]

use std::fs::File;
use std::os::fd::FromRawFd;
use std::process::Child;

/// Gives a descriptor of a process; none where the kernel has no such thing (before Linux 5.3).
pub(crate) fn descriptor_of_process(child: &Child) -> Option<File> {
    // SAFETY: the call takes two integers and touches no memory.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, child.id(), 0) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
    // SAFETY: the kernel has just made this descriptor, and nobody else knows it.
    Some(unsafe { File::from_raw_fd(fd) })
}
