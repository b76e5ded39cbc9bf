//! Exits through a pidfd, which Linux has since 5.3, and waitid(2) takes since 5.4.

use std::io;

use polyloop_core::{Error, ErrorKind, Exit, OsHandle, Result};
use rustix::process::{WaitId, WaitIdOptions, waitid};

pub(crate) const TELLS_EXITS: bool = true;

pub(crate) fn exit_now(handle: &OsHandle) -> Result<Exit> {
    let OsHandle::Descriptor(file) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    let id = WaitId::PidFd(std::os::fd::AsFd::as_fd(file));
    match waitid(id, WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
        Ok(None) => Err(ErrorKind::WouldBlock.into()),
        Ok(Some(status)) => match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ok(Exit::Code(code)),
            (None, Some(number)) => Ok(Exit::Signal { number, dumped_core: status.dumped() }),
            (None, None) => Err(ErrorKind::Unsupported.into()),
        },
        Err(errno) => Err(Error::from(io::Error::from(errno)).attempting("wait for a process")),
    }
}
