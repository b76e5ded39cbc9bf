//! No descriptor names a process here.

use std::io;
use std::os::fd::OwnedFd;
use std::process::Child;

use rustix::process::Signal;

pub(crate) fn open(_: &Child) -> Option<OwnedFd> {
    None
}

pub(crate) fn send(_: &OwnedFd, _: Signal) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn is_gone(_: &OwnedFd) -> bool {
    true
}
