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
#[path = "unix_events.rs"]
pub(crate) mod os_events;

#[cfg(not(unix))]
#[path = "other_events.rs"]
pub(crate) mod os_events;

#[cfg(unix)]
mod disposition;
#[cfg(target_os = "linux")]
#[path = "linux_pidfd.rs"]
pub(crate) mod pidfd;

#[cfg(all(unix, not(target_os = "linux")))]
#[path = "other_pidfd.rs"]
pub(crate) mod pidfd;

#[cfg(unix)]
pub(crate) mod signals;
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

#[cfg(unix)]
#[path = "name_constants_unix.rs"]
pub(crate) mod name_constants;

#[cfg(not(unix))]
#[path = "name_constants_other.rs"]
pub(crate) mod name_constants;

#[cfg(unix)]
#[path = "pollable_unix.rs"]
pub(crate) mod pollable;

#[cfg(not(unix))]
#[path = "pollable_other.rs"]
pub(crate) mod pollable;

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux_cores.rs"]
pub(crate) mod cores;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "other_cores.rs"]
pub(crate) mod cores;
