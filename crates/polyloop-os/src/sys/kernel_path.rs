#![allow(unsafe_code, reason = "rustix reads Unix addresses in a way of its own")]

use rustix::net::SocketAddrAny;

/// Gives what the kernel wrote as `sun_path`.
///
/// rustix 1.1.6 can read it too (`SocketAddrUnix`), but takes no name for an empty abstract one, and
/// panics at a path that fills all of `sun_path`, which any peer can have.
pub(super) fn path_of(address: &SocketAddrAny) -> &[u8] {
    let len = address.addr_len() as usize;
    // SAFETY: the address holds `addr_len` initialised bytes behind `as_ptr`, for as long as it
    // is borrowed; that is its own invariant, which it says of itself.
    let bytes = unsafe { std::slice::from_raw_parts(address.as_ptr().cast::<u8>(), len) };
    // Two bytes come first on every Unix: the family, or the length and the family.
    bytes.get(2..).unwrap_or_default()
}
