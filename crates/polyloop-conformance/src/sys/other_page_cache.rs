use std::io;
use std::path::Path;

/// There is no advice that is followed here.
pub(crate) fn keep_first_page(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
