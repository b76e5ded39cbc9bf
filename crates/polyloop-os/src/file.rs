use std::fs::File;

use polyloop_core::{Buffer, ErrorKind, Metadata, OsHandle, Result, SyncScope};

use crate::sys;

/// Reads at an offset; may wait for the device, as all of this file does.
pub fn read_at(handle: &OsHandle, buf: &mut [u8], offset: u64) -> Result<usize> {
    let file = file_of(handle)?;
    retry_interrupted(|| sys::read_at(file, buf, offset))
}

/// Writes at an offset.
pub fn write_at(handle: &OsHandle, buf: &[u8], offset: u64) -> Result<usize> {
    let file = file_of(handle)?;
    retry_interrupted(|| sys::write_at(file, buf, offset))
}

/// Waits until what was written is on the device.
pub fn sync(handle: &OsHandle, scope: SyncScope) -> Result<()> {
    let file = file_of(handle)?;
    match scope {
        SyncScope::All => Ok(file.sync_all()?),
        SyncScope::Data => Ok(file.sync_data()?),
    }
}

/// Reads at an offset into several buffers, in order, and sets their lengths.
///
/// It is a call for each buffer until one comes back short: not every system has one call for
/// all.
pub fn read_vectored_at(handle: &OsHandle, buffers: &mut [Buffer], offset: u64) -> Result<usize> {
    buffers.iter_mut().for_each(Buffer::clear);
    let mut total = 0;
    for buffer in buffers.iter_mut().filter(|buffer| buffer.capacity() > 0) {
        let len = match read_at(handle, buffer.storage_mut(), offset + total as u64) {
            Ok(len) => len,
            // What has been read is read; the failure shows again at the next attempt.
            Err(_) if total > 0 => break,
            Err(error) => return Err(error),
        };
        buffer.set_len(len);
        total += len;
        if len < buffer.capacity() {
            break;
        }
    }
    Ok(total)
}

/// Writes several buffers at an offset, in order; as [`read_vectored_at`] in its calls.
pub fn write_vectored_at(handle: &OsHandle, buffers: &[Buffer], offset: u64) -> Result<usize> {
    let mut total = 0;
    // Writing nothing is an attempt too, so that it fails where a write does.
    let is_empty = buffers.iter().all(Buffer::is_empty);
    if is_empty {
        return write_at(handle, &[], offset);
    }
    for buffer in buffers.iter().filter(|buffer| !buffer.is_empty()) {
        let len = match write_at(handle, buffer, offset + total as u64) {
            Ok(len) => len,
            Err(_) if total > 0 => break,
            Err(error) => return Err(error),
        };
        total += len;
        if len < buffer.len() {
            break;
        }
    }
    Ok(total)
}

/// Cuts a file to a length, or fills it up with zeros.
pub fn truncate(handle: &OsHandle, len: u64) -> Result<()> {
    Ok(file_of(handle)?.set_len(len)?)
}

/// Tells about an open file.
pub fn stat(handle: &OsHandle) -> Result<Metadata> {
    Ok(sys::metadata(&file_of(handle)?.metadata()?))
}

fn file_of(handle: &OsHandle) -> Result<&File> {
    match handle {
        OsHandle::File(file) => Ok(file),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

/// Repeats a call that a signal interrupted.
#[inline]
pub(crate) fn retry_interrupted<T>(mut call: impl FnMut() -> std::io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            result => return Ok(result?),
        }
    }
}
