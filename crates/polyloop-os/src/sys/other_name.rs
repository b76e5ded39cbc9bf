use polyloop_core::{Error, ErrorKind, Result};
use socket2::SockAddr;

/// `sun_path` is 104 bytes (unix(4) of the BSDs and of macOS), of which a NUL ends the path.
pub(super) const NAME_MAX: usize = 103;

/// There are no abstract names here.
pub(super) fn abstract_name(_: &[u8]) -> Result<SockAddr> {
    Err(Error::new(ErrorKind::Unsupported).attempting("use an abstract name, which Linux has"))
}

/// There are no abstract names here.
pub(super) fn abstract_name_of(_: &[u8]) -> Option<&[u8]> {
    None
}
