//! What differs between platforms. Each module provides the same functions.

#[cfg(target_os = "linux")]
#[path = "linux_pipe.rs"]
mod pipe;
#[cfg(all(unix, not(target_os = "linux")))]
#[path = "other_pipe.rs"]
mod pipe;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{
    accept, is_exhaustion, is_in_progress, is_protocol_error, keepalive_idle, poll, read_at, recv,
    recv_from, send, send_to, set_blocking, set_reuse_port, write_at,
};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{
    accept, is_exhaustion, is_in_progress, is_protocol_error, keepalive_idle, poll, read_at, recv,
    recv_from, send, send_to, set_blocking, set_reuse_port, write_at,
};

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
