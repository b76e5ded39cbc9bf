//! What differs between platforms.

mod register;
pub(crate) use register::register;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::source;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::source;

#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "redox",
    target_os = "illumos",
    target_os = "solaris",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
))]
mod descriptor;
#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "redox",
    target_os = "illumos",
    target_os = "solaris",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
))]
pub(crate) use descriptor::{HAS_DESCRIPTOR, duplicate};

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "redox",
    target_os = "illumos",
    target_os = "solaris",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
)))]
mod no_descriptor;
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "redox",
    target_os = "illumos",
    target_os = "solaris",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
)))]
pub(crate) use no_descriptor::{HAS_DESCRIPTOR, duplicate};
