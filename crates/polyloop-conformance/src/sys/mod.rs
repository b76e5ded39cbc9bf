//! What differs between operating systems: error numbers, forking, looking at a descriptor.

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(not(unix))]
#[path = "other.rs"]
mod platform;

pub(crate) use platform::errno;
