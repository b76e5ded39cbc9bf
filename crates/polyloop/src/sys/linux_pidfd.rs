//! Descriptors of processes: pidfd_open(2), Linux 5.3.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Child;

use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

/// Gives a descriptor of a process that nobody has waited for; none where the kernel has no such
/// thing, or descriptors have run out.
pub(crate) fn open(child: &Child) -> Option<OwnedFd> {
    rustix::process::pidfd_open(Pid::from_child(child), PidfdFlags::empty()).ok()
}

pub(crate) fn send(descriptor: &OwnedFd, signal: Signal) -> io::Result<()> {
    Ok(rustix::process::pidfd_send_signal(descriptor, signal)?)
}

/// Tells whether the system has forgotten the process, and has it do so if it has ended.
pub(crate) fn is_gone(descriptor: &OwnedFd) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    !matches!(rustix::process::waitid(WaitId::PidFd(descriptor.as_fd()), options), Ok(None))
}
