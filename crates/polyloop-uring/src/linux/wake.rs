use std::fs::File;
use std::io;
use std::sync::{Arc, OnceLock};

use polyloop_core::Notify;
use rustix::event::EventfdFlags;

/// Makes an eventfd that neither waits nor survives exec.
pub(crate) fn eventfd() -> io::Result<File> {
    let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
    Ok(File::from(rustix::event::eventfd(0, flags)?))
}

/// Makes an eventfd readable. Its counter being full is no failure: it is readable then.
pub(crate) fn ring_bell(eventfd: &File) {
    let _ = rustix::io::write(eventfd, &1u64.to_ne_bytes());
}

/// Makes an eventfd unreadable.
pub(crate) fn silence_bell(eventfd: &File) {
    let _ = rustix::io::read(eventfd, &mut [0; 8]);
}

/// Ends the loop's wait through an eventfd that its ring polls, and its host's through the guest
/// descriptor.
///
/// It owns the descriptors together with the loop, so a late wake writes to nothing else.
///
/// The host's is written to directly, not by way of the ring: the kernel does not write to a
/// ring's eventfd from within the writing to another more than once (seen with Linux 6.18, where
/// `io_uring/eventfd.c` defers that by RCU and never takes the mark of it back).
pub(crate) struct Bell {
    pub(crate) ring: Arc<File>,
    pub(crate) guest: Arc<OnceLock<Arc<File>>>,
}

impl Notify for Bell {
    fn notify(&self) {
        ring_bell(&self.ring);
        if let Some(guest) = self.guest.get() {
            ring_bell(guest);
        }
    }
}
