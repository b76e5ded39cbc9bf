//! What differs between platforms.

#[cfg(unix)]
#[path = "unix.rs"]
pub(crate) mod interrupts;

#[cfg(not(unix))]
#[path = "other.rs"]
pub(crate) mod interrupts;

#[cfg(unix)]
#[path = "unix_inspector.rs"]
pub(crate) mod inspector;

#[cfg(not(unix))]
#[path = "other_inspector.rs"]
pub(crate) mod inspector;

#[cfg(unix)]
mod socket_file;

#[cfg(unix)]
#[path = "unix_pipes.rs"]
pub(crate) mod pipes;

#[cfg(unix)]
#[path = "unix_standard.rs"]
pub(crate) mod standard;

#[cfg(not(unix))]
#[path = "other_standard.rs"]
pub(crate) mod standard;
