use std::fs::File;

use polling::Poller;
use polyloop_core::{ErrorKind, Result};

pub(crate) const HAS_DESCRIPTOR: bool = false;

pub(crate) fn duplicate(_: &Poller) -> Result<File> {
    Err(ErrorKind::Unsupported.into())
}
