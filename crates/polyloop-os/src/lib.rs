//! The operating system calls that polyloop's backends share.
//!
//! Selectors and rings wait in different ways, but they open, bind, ask and try in the same
//! one. Everything here is a single call (or the few that make one resource), never waits
//! except where its name says so, and works on the standard library's own handle types.

#![deny(unsafe_code)]

mod attempt;
mod blocking_op;
mod cached;
mod clock;
mod connect;
mod exit;
mod file;
mod handle;
mod open;
mod options;
mod path;
mod send_file;
mod sys;

pub use attempt::{
    SLICES_MAX, accept, is_exhaustion_error, is_transient_accept_error, peek, peek_from, poll_now,
    poll_wait, recv, recv_from, recv_handles, recv_socket, recv_vectored, send, send_handles,
    send_socket, send_to, shutdown,
};
pub use blocking_op::{Gave, is_blocking_op, perform};
pub use cached::{Memory, memory_of, read_cached, read_capacity};
pub use clock::Clock;
pub use connect::{Connecting, connect_result, connect_start};
pub use exit::{TELLS_EXITS, exit_now};
pub use file::{read_at, read_vectored_at, stat, sync, truncate, write_at, write_vectored_at};
pub use handle::{Blocking, HandleKind, carries_handles, kind_of, set_blocking};
pub use open::{Opened, open};
pub use options::{local_address, option, peer_address, set_option};
pub use path::{link, make_directory, remove, rename, stat_path, symlink};
pub use send_file::send_file;
#[cfg(unix)]
pub use sys::{check_unix_name, unix_from_kernel};
