use polyloop_core::{ErrorKind, OsHandle, Result, SyncScope};

use crate::sys;

/// Reads at an offset; may wait for the device.
pub fn read_at(handle: &OsHandle, buf: &mut [u8], offset: u64) -> Result<usize> {
    let OsHandle::File(file) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    retry_interrupted(|| sys::read_at(file, buf, offset))
}

/// Writes at an offset; may wait for the device.
pub fn write_at(handle: &OsHandle, buf: &[u8], offset: u64) -> Result<usize> {
    let OsHandle::File(file) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    retry_interrupted(|| sys::write_at(file, buf, offset))
}

/// Waits until what was written is on the device.
pub fn sync(handle: &OsHandle, scope: SyncScope) -> Result<()> {
    let OsHandle::File(file) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    match scope {
        SyncScope::All => Ok(file.sync_all()?),
        SyncScope::Data => Ok(file.sync_data()?),
    }
}

/// Repeats a call that a signal interrupted.
pub(crate) fn retry_interrupted<T>(mut call: impl FnMut() -> std::io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            result => return Ok(result?),
        }
    }
}
