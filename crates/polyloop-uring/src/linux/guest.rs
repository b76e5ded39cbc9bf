//! Being a guest of another loop.
//!
//! A ring that defers its work never wakes a poller through its own descriptor, so hosts get an
//! eventfd that the kernel writes to at each completion. It would do so twice an op; therefore a
//! turn switches that off, makes the eventfd unreadable, reaps, switches it on again, and looks
//! once more for what came between.
//!
//! A ring that defers its work writes to its eventfd from within the writing to another eventfd
//! only once in the life of a registration (seen with Linux 6.18: `__io_eventfd_signal` in
//! `io_uring/eventfd.c` leaves that to RCU and never takes the mark of it back). So wakers write to
//! the host's eventfd themselves, and where callers' descriptors are polled the registration is
//! renewed after such a completion.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{GuestWait, Interest, OsHandle, Result};

use crate::linux::UringLoop;
use crate::linux::kernel::Wait;
use crate::linux::wake::{eventfd, ring_bell, silence_bell};

impl UringLoop {
    pub(crate) fn guest_bell(&mut self) -> Result<Arc<File>> {
        self.check_here()?;
        if let Some(bell) = self.guest.get() {
            return Ok(bell.clone());
        }
        let bell = Arc::new(eventfd()?);
        self.kernel.register_eventfd(std::os::fd::AsFd::as_fd(&*bell))?;
        self.guest.get_or_init(|| bell.clone());
        self.leave_guest_turn();
        Ok(bell)
    }

    pub(crate) fn guest_waiter(&mut self) -> Result<Arc<dyn GuestWait>> {
        let bell = self.guest_bell()?.try_clone()?;
        Ok(Arc::new(BellWait { bell: OsHandle::Descriptor(bell) }))
    }

    /// Makes everything reach the kernel, and what is there to do show at the eventfd.
    pub(crate) fn prepare_wait(&mut self) {
        if self.is_gone() {
            return;
        }
        self.stop_full();
        self.send_gathered(false);
        self.kernel.refill(&mut self.pool);
        let is_flushed = match self.kernel.enter(Wait::No) {
            Ok(entered) => entered == crate::linux::kernel::Entered::Done,
            Err(error) => {
                self.break_down(error.into());
                false
            }
        };
        let may_wait = self.gate.begin_wait();
        if let Some(bell) = self.guest.get().filter(|_| !may_wait || !is_flushed) {
            ring_bell(bell);
        }
        self.leave_guest_turn();
    }

    pub(crate) fn enter_guest_turn(&mut self) {
        if let Some(bell) = self.guest.get() {
            self.kernel.set_eventfd(false);
            silence_bell(bell);
        }
    }

    /// Lets the kernel write to the eventfd again, and tells (and shows) whether something came
    /// meanwhile.
    pub(crate) fn leave_guest_turn(&mut self) -> bool {
        let Some(bell) = self.guest.get() else { return false };
        if std::mem::take(&mut self.bell_is_spent) && self.has_descriptors {
            // A failure leaves the old registration or none; turns by the clock go on then.
            let _ = self.kernel.renew_eventfd(std::os::fd::AsFd::as_fd(&**bell));
        }
        self.kernel.set_eventfd(true);
        // The flag is published before the queues are looked at, so that what comes is seen
        // either here or by the kernel.
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
        let is_there = !self.done.is_empty()
            || self.kernel.has_completion()
            || self.kernel.has_deferred()
            || self.kernel.sends.is_unsettled();
        if is_there {
            ring_bell(bell);
        }
        is_there
    }
}

/// A wait for the eventfd.
struct BellWait {
    bell: OsHandle,
}

impl GuestWait for BellWait {
    fn wait(&self, timeout: Option<Duration>) -> Result<bool> {
        let ready = polyloop_os::poll_wait(&self.bell, Interest::READABLE, timeout)?;
        Ok(ready.is_readable())
    }
}
