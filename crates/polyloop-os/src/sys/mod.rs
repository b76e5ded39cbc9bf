//! What differs between platforms. Each module provides the same functions.

#[cfg(target_os = "linux")]
#[path = "linux_exit.rs"]
pub(crate) mod exit;
#[cfg(not(target_os = "linux"))]
#[path = "other_exit.rs"]
pub(crate) mod exit;

#[cfg(target_os = "linux")]
#[path = "linux_pipe.rs"]
mod pipe;
#[cfg(all(unix, not(target_os = "linux")))]
#[path = "other_pipe.rs"]
mod pipe;

#[cfg(target_os = "linux")]
#[path = "linux_cached.rs"]
mod cached;
#[cfg(not(target_os = "linux"))]
#[path = "other_cached.rs"]
mod cached;
pub(crate) use cached::{memory_of, read_cached};

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux_name.rs"]
mod name;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
#[path = "other_name.rs"]
mod name;

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux_sockopt.rs"]
mod sockopt;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "other_sockopt.rs"]
mod sockopt;
pub(crate) use sockopt::{peer_credentials, segment_size, set_segment_size};

#[cfg(all(unix, not(target_vendor = "apple")))]
#[path = "atomic_cloexec.rs"]
mod cloexec;
#[cfg(target_vendor = "apple")]
#[path = "late_cloexec.rs"]
mod cloexec;

#[cfg(unix)]
mod kernel_path;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod unix_handles;
#[cfg(unix)]
mod unix_name;
#[cfg(unix)]
mod unix_open;
#[cfg(unix)]
mod unix_socket_fd;
#[cfg(unix)]
pub use unix_name::{check_unix_name, unix_from_kernel};
#[cfg(unix)]
pub(crate) use {
    unix::*,
    unix_handles::*,
    unix_name::{from_kernel, to_kernel},
    unix_open::*,
};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

#[cfg(unix)]
#[path = "unix_file.rs"]
mod file;
#[cfg(windows)]
#[path = "windows_file.rs"]
mod file;
pub(crate) use file::{make_directory, metadata, set_file_options, symlink};

mod read_then_send;
#[cfg(target_os = "linux")]
#[path = "linux_send_file.rs"]
mod send_file;
#[cfg(not(target_os = "linux"))]
pub(crate) use read_then_send::read_then_send as send_file;
#[cfg(target_os = "linux")]
pub(crate) use send_file::send_file;
