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
