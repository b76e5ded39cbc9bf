//! Waiting until a deadline to the nanosecond: epoll_pwait2(2), which mio does not call.
#![allow(unsafe_code)]

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use libc::{EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP};
use mio::Poll;
use polyloop_core::{Interest, limits};
use polyloop_readiness::{Event, Tag};

/// Room for what a wait finds, and whether the kernel knows the call.
pub(crate) struct PreciseWait {
    found: Vec<libc::epoll_event>,
    is_refused: bool,
}

/// A time as this call takes it on every architecture (struct __kernel_timespec).
#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

impl PreciseWait {
    pub(crate) fn new() -> PreciseWait {
        PreciseWait { found: Vec::with_capacity(limits::EVENTS_PER_WAIT), is_refused: false }
    }

    /// Waits for the events of a poll, and puts all into `events` but its waker's; `false` where the
    /// kernel (before Linux 5.11) or a sandbox refuses the call, now and from then on.
    pub(crate) fn wait(
        &mut self,
        poll: &Poll,
        events: &mut Vec<Event>,
        timeout: Option<Duration>,
    ) -> io::Result<bool> {
        if self.is_refused {
            return Ok(false);
        }
        match self.find(poll, timeout) {
            Ok(()) => {}
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) => {
                self.is_refused = true;
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        events.extend(self.found.iter().filter_map(told));
        Ok(true)
    }

    fn find(&mut self, poll: &Poll, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| Timespec {
            seconds: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: timeout.subsec_nanos().into(),
        });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        self.found.clear();
        let room = i32::try_from(self.found.capacity()).unwrap_or(i32::MAX);
        // SAFETY: the poll is borrowed, so its descriptor is open. The kernel writes at most `room` events
        // behind the pointer, which is where the vector's spare capacity begins, and reads a time that
        // outlives the call, or none. It is given no signal mask.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                poll.registry().as_fd().as_raw_fd(),
                self.found.as_mut_ptr(),
                room,
                timeout,
                std::ptr::null::<libc::sigset_t>(),
                0_usize,
            )
        };
        let Ok(count) = usize::try_from(count) else { return Err(io::Error::last_os_error()) };
        assert!(count <= self.found.capacity(), "the kernel was told how much room there is");
        // SAFETY: the kernel has written so many events, and they fit, as was checked.
        unsafe { self.found.set_len(count) };
        Ok(())
    }
}

impl fmt::Debug for PreciseWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_refused = self.is_refused;
        f.debug_struct("PreciseWait").field("is_refused", &is_refused).finish_non_exhaustive()
    }
}

/// Gives what a descriptor's event tells; nothing for that of mio's waker, which ends the wait and no more.
fn told(found: &libc::epoll_event) -> Option<Event> {
    let (bits, token) = (found.events, found.u64);
    let tag = Tag::from_usize(token as usize);
    if tag == Tag::RESERVED {
        return None;
    }
    let has = |flags: i32| bits & flags.cast_unsigned() != 0;
    let mut ready = Interest::NONE;
    if has(EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR) {
        ready |= Interest::READABLE;
    }
    if has(EPOLLOUT | EPOLLHUP | EPOLLERR) {
        ready |= Interest::WRITABLE;
    }
    Some(Event { tag, ready, closed: has(EPOLLRDHUP | EPOLLHUP | EPOLLERR) })
}
