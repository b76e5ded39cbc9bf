//! Processes that had not ended when their loop was closed.

use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Mutex, PoisonError};

use crate::sys::pidfd;

static ORPHANS: Mutex<Vec<Orphan>> = Mutex::new(Vec::new());

/// A process that no loop waits for.
pub(super) struct Orphan {
    pub(super) child: Child,
    pub(super) descriptor: Option<OwnedFd>,
}

/// Waits for those that have ended, without waiting for the others.
pub(super) fn reap() {
    let mut orphans = ORPHANS.lock().unwrap_or_else(PoisonError::into_inner);
    orphans.retain_mut(|orphan| !orphan.is_gone());
}

/// Takes over processes.
pub(super) fn take_over(new: impl IntoIterator<Item = Orphan>) {
    ORPHANS.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
    reap();
}

impl Orphan {
    /// Tells whether the system has forgotten the process, and has it do so if it has ended.
    fn is_gone(&mut self) -> bool {
        match &self.descriptor {
            // Its number may be another's: a ring that was closed may have waited for it.
            Some(descriptor) => pidfd::is_gone(descriptor),
            None => !matches!(self.child.try_wait(), Ok(None)),
        }
    }
}
