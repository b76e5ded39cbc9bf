#![allow(unsafe_code, reason = "poll(2), which the standard library does not have")]

use std::fs::File;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// Waits until a descriptor is readable, at most `timeout`, and tells whether it is.
pub(crate) fn is_readable(descriptor: &File, timeout: Duration) -> bool {
    let expires = Instant::now() + timeout;
    loop {
        let left = expires.saturating_duration_since(Instant::now());
        let millis = i32::try_from(left.as_millis()).unwrap_or(i32::MAX);
        let mut fds =
            [libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 }];
        // SAFETY: the array holds the one entry that the call is told of, and outlives it.
        let found = unsafe { libc::poll(fds.as_mut_ptr(), 1, millis) };
        if found > 0 {
            return fds[0].revents & libc::POLLIN != 0;
        }
        if left.is_zero() {
            return false;
        }
    }
}

/// Gives a descriptor that is always readable.
pub(crate) fn readable_file() -> Option<File> {
    File::open("/dev/zero").ok()
}

/// Gives a descriptor that is never readable: its write end is never closed.
pub(crate) fn unreadable_file() -> Option<File> {
    let (reader, writer) = std::io::pipe().ok()?;
    std::mem::forget(writer);
    Some(File::from(OwnedFd::from(reader)))
}

/// Gives a stream's descriptor as one that is only polled.
pub(crate) fn descriptor_of(stream: TcpStream) -> Option<File> {
    Some(File::from(OwnedFd::from(stream)))
}
