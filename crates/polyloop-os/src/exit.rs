use polyloop_core::{Exit, OsHandle, Result};

use crate::sys;

/// Whether this system has descriptors of processes by which a parent learns of exits.
pub const TELLS_EXITS: bool = sys::exit::TELLS_EXITS;

/// Tells how the child process that a descriptor names has ended, and lets the system forget it.
///
/// # Errors
///
/// *Would block* while it runs; the operating system's, for a descriptor that names no child of
/// this process, or one whose end was told already; *unsupported* where there are no such
/// descriptors.
pub fn exit_now(handle: &OsHandle) -> Result<Exit> {
    sys::exit::exit_now(handle)
}
