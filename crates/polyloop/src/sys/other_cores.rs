use polyloop_core::{Error, ErrorKind, Result};

/// Whether the system spreads connections over the sockets that share a port. DragonFly does (listen(2)); FreeBSD has
/// another option for that, and on macOS one socket gets all.
pub(crate) const REUSE_PORT_BALANCES: bool = cfg!(target_os = "dragonfly");

/// Gives the processors that this thread may use.
pub(crate) fn allowed() -> Result<Vec<usize>> {
    Err(unsupported())
}

/// Has this thread run on one processor only.
pub(crate) fn pin_this_thread(_: usize) -> Result<()> {
    Err(unsupported())
}

fn unsupported() -> Error {
    Error::new(ErrorKind::Unsupported).attempting("pin the threads of loops to processors")
}
