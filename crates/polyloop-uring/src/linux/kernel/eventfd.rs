use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::Kernel;

/// The eventfd of hosts.
impl Kernel {
    /// Makes the kernel write to an eventfd at each completion.
    pub(crate) fn register_eventfd(&self, eventfd: BorrowedFd<'_>) -> io::Result<()> {
        self.ring.submitter().register_eventfd(eventfd.as_raw_fd())
    }

    /// Registers the eventfd anew.
    pub(crate) fn renew_eventfd(&self, eventfd: BorrowedFd<'_>) -> io::Result<()> {
        self.ring.submitter().unregister_eventfd()?;
        self.register_eventfd(eventfd)
    }

    /// Turns the writing to the eventfd on or off.
    pub(crate) fn set_eventfd(&mut self, on: bool) {
        let queue = self.ring.completion();
        if on { queue.enable_eventfd() } else { queue.disable_eventfd() }
    }
}
