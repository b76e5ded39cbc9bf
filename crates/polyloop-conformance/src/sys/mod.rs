//! What differs between operating systems: error numbers, forking, looking at a descriptor.

#[cfg(unix)]
mod fork;
#[cfg(target_os = "linux")]
#[path = "linux_page_cache.rs"]
mod page_cache;
#[cfg(not(target_os = "linux"))]
#[path = "other_page_cache.rs"]
mod page_cache;
#[cfg(not(unix))]
#[path = "other.rs"]
mod platform;
#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(unix)]
mod poll;
#[cfg(target_os = "linux")]
#[path = "linux_process.rs"]
mod process;
#[cfg(not(target_os = "linux"))]
#[path = "other_process.rs"]
mod process;

#[cfg(unix)]
pub(crate) use fork::drop_in_forked_child;
pub(crate) use page_cache::keep_first_page;
pub(crate) use platform::errno;
#[cfg(not(unix))]
pub(crate) use platform::{
    descriptor_of, drop_in_forked_child, is_readable, readable_file, unreadable_file,
};
#[cfg(unix)]
pub(crate) use poll::{descriptor_of, is_readable, readable_file, unreadable_file};
pub(crate) use process::descriptor_of_process;

/// Why a child did not drop its copy of a loop.
#[derive(Debug)]
pub(crate) enum ForkError {
    /// The system has no fork.
    #[cfg_attr(unix, allow(dead_code, reason = "Unix has fork"))]
    Unsupported,
    /// What went wrong.
    #[cfg_attr(not(unix), allow(dead_code, reason = "nothing is tried there"))]
    Failed(String),
}
