use std::fs::File;
use std::os::fd::AsFd;

use polling::Poller;
use polyloop_core::Result;

pub(crate) const HAS_DESCRIPTOR: bool = true;

pub(crate) fn duplicate(poller: &Poller) -> Result<File> {
    Ok(poller.as_fd().try_clone_to_owned()?.into())
}
