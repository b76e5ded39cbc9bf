//! What differs between platforms.

#[cfg(unix)]
#[path = "unix.rs"]
pub(crate) mod interrupts;

#[cfg(not(unix))]
#[path = "other.rs"]
pub(crate) mod interrupts;
