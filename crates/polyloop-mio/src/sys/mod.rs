//! Where mio is edge-triggered for any descriptor, and where it is not.

#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "illumos",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
))]
#[path = "selector.rs"]
mod here;

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "illumos",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
)))]
#[path = "refusal.rs"]
mod here;

pub use here::MioLoop;
pub(crate) use here::build;
