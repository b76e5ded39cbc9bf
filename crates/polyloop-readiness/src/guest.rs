use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use polyloop_core::{GuestWait, Interest, Notify, OsHandle, Result};

/// Waits for a guest descriptor on any thread, level-triggered, consuming nothing.
///
/// It owns a duplicate of the descriptor, so it may outlive the loop; a wait then ends by its
/// timeout only.
#[derive(Debug)]
pub(crate) struct DescriptorWait {
    descriptor: OsHandle,
}

impl DescriptorWait {
    pub(crate) fn new(descriptor: &File) -> Result<DescriptorWait> {
        let descriptor = descriptor.try_clone()?;
        Ok(DescriptorWait { descriptor: OsHandle::Descriptor(descriptor) })
    }
}

impl GuestWait for DescriptorWait {
    fn wait(&self, timeout: Option<Duration>) -> Result<bool> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let found = polyloop_os::poll_wait(&self.descriptor, Interest::READABLE, left)?;
            // Nothing found is also what a signal leaves behind.
            if !found.is_none() || left == Some(Duration::ZERO) {
                return Ok(!found.is_none());
            }
        }
    }
}

/// A selector's notifier as the wake gate wants to own it.
pub(crate) struct NotifyShared(pub(crate) Arc<dyn Notify>);

impl Notify for NotifyShared {
    fn notify(&self) {
        self.0.notify();
    }
}
