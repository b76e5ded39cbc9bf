//! Waiting until a deadline to the nanosecond: epoll_pwait2(2), which mio does not call.
#![allow(unsafe_code)]

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::Duration;

use libc::{EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, epoll_event};
use mio::Poll;
use polyloop_core::{Interest, limits};
use polyloop_readiness::{Event, Tag};

/// What a wait has found, and whether the kernel knows the call.
pub(crate) struct Wait {
    found: Vec<epoll_event>,
    is_refused: bool,
}

/// A time as this call takes it on every architecture (struct __kernel_timespec).
#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

impl Wait {
    pub(crate) fn new() -> Wait {
        Wait { found: Vec::with_capacity(limits::EVENTS_PER_WAIT), is_refused: false }
    }

    /// Waits for the events of a poll: until the timeout to the nanosecond, or to the millisecond behind it
    /// where the kernel (before Linux 5.11) or a sandbox has refused that.
    pub(crate) fn wait(&mut self, poll: &mut Poll, timeout: Option<Duration>) -> io::Result<()> {
        let fd = poll.registry().as_fd().as_raw_fd();
        if !self.is_refused {
            match self.find(fd, timeout) {
                Err(error) if is_refusal(&error) => self.is_refused = true,
                result => return result,
            }
        }
        self.find_coarsely(fd, timeout)
    }

    /// Gives what the last wait has found, also of mio's waker.
    #[inline]
    pub(crate) fn found(&self) -> impl Iterator<Item = Event> {
        self.found.iter().map(told)
    }

    fn find(&mut self, fd: RawFd, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| Timespec {
            seconds: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: timeout.subsec_nanos().into(),
        });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let (found, room) = self.room();
        // SAFETY: the kernel writes at most `room` events behind the pointer, which is where the vector's
        // spare capacity begins, and reads a time that outlives the call, or none. It is given no signal
        // mask. A descriptor that were not an epoll's it would refuse.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                fd,
                found,
                room,
                timeout,
                std::ptr::null::<libc::sigset_t>(),
                0_usize,
            )
        };
        self.take(count)
    }

    #[cold]
    fn find_coarsely(&mut self, fd: RawFd, timeout: Option<Duration>) -> io::Result<()> {
        let milliseconds = timeout.map_or(-1, |timeout| {
            let (whole, rest) = (timeout.as_secs(), timeout.subsec_nanos().div_ceil(1_000_000));
            let up = whole.saturating_mul(1000).saturating_add(rest.into());
            i32::try_from(up).unwrap_or(i32::MAX)
        });
        let (found, room) = self.room();
        // SAFETY: as above, and there is no time in memory.
        let count = unsafe { libc::epoll_wait(fd, found, room, milliseconds) };
        self.take(count.into())
    }

    /// Makes room for what the kernel finds, and tells where it is and how much.
    fn room(&mut self) -> (*mut epoll_event, i32) {
        self.found.clear();
        (self.found.as_mut_ptr(), i32::try_from(self.found.capacity()).unwrap_or(i32::MAX))
    }

    /// Takes in how many events a call has put into the room.
    fn take(&mut self, count: libc::c_long) -> io::Result<()> {
        let Ok(count) = usize::try_from(count) else { return Err(io::Error::last_os_error()) };
        assert!(count <= self.found.capacity(), "the kernel was told how much room there is");
        // SAFETY: the kernel has written so many events, and they fit, as was checked.
        unsafe { self.found.set_len(count) };
        Ok(())
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_refused = self.is_refused;
        f.debug_struct("Wait").field("is_refused", &is_refused).finish_non_exhaustive()
    }
}

#[cold]
fn is_refusal(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM))
}

#[inline]
fn told(found: &epoll_event) -> Event {
    let (bits, token) = (found.events, found.u64);
    let has = |flags: i32| bits & flags.cast_unsigned() != 0;
    let mut ready = Interest::NONE;
    if has(EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR) {
        ready |= Interest::READABLE;
    }
    if has(EPOLLOUT | EPOLLHUP | EPOLLERR) {
        ready |= Interest::WRITABLE;
    }
    let tag = Tag::from_usize(token as usize);
    Event { tag, ready, closed: has(EPOLLRDHUP | EPOLLHUP | EPOLLERR) }
}
