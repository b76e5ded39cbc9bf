use polyloop_core::Result;
use socket2::SockAddr;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// `sun_path` is 108 bytes (unix(7)), of which a NUL ends a path and begins an abstract name.
pub(super) const NAME_MAX: usize = 107;

/// Makes an abstract name, which is no longer than [`NAME_MAX`].
pub(super) fn abstract_name(name: &[u8]) -> Result<SockAddr> {
    let mut bytes = vec![0];
    bytes.extend_from_slice(name);
    Ok(SockAddr::unix(OsStr::from_bytes(&bytes))?)
}

/// Gives the abstract name of what a kernel wrote as `sun_path`.
pub(super) fn abstract_name_of(path: &[u8]) -> Option<&[u8]> {
    path.strip_prefix(&[0])
}
