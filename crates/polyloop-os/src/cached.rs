use std::io::{self, IoSliceMut};

use polyloop_core::{Buffer, Op, OsHandle, Output};

use crate::sys;

/// What is known of how much of a file the system has in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Memory {
    /// Nothing was asked yet.
    #[default]
    Unasked,
    /// All of it: its file system has no device (tmpfs on Linux). What was swapped out is waited for, as of
    /// any memory.
    Whole,
    /// Some of it: a read can ask for what is there (Linux).
    Part,
    /// The system does not say, or reads go around its memory.
    Unknown,
}

/// Buffers that one attempt fills; a read into more is left to a thread.
const BUFFERS_MAX: usize = 8;

/// Finds out how much of a file that was opened for reading is in memory; may wait, for another machine
/// that has the file system.
pub fn memory_of(handle: &OsHandle) -> Memory {
    match handle {
        OsHandle::File(file) => sys::memory_of(file),
        _ => Memory::Unknown,
    }
}

/// Tells how many bytes an op reads from a file at most; of another op, none.
pub fn read_capacity(op: &Op) -> usize {
    match op {
        Op::ReadAt { buffer, .. } => buffer.capacity(),
        Op::ReadVectoredAt { buffers, .. } => buffers.iter().map(Buffer::capacity).sum(),
        _ => 0,
    }
}

/// Reads from a file, unless that would have to wait for a device; `memory` is what is known of the
/// file, and may come to be *unknown*.
///
/// Only a success is told. All else, each error included, is left to [`perform`](crate::perform), which
/// finds the op as it was, but for what was written into its room.
pub fn read_cached(op: &mut Op, handle: &OsHandle, memory: &mut Memory) -> Option<Output> {
    let wanted = read_capacity(op);
    let OsHandle::File(file) = handle else { return None };
    let may_be_there = matches!(memory, Memory::Whole | Memory::Part);
    // Reading nothing is no attempt to the system, which finds less wrong with it.
    if wanted == 0 || !may_be_there {
        return None;
    }
    let found = match op {
        Op::ReadAt { buffer, offset, .. } => {
            let bufs = &mut [IoSliceMut::new(buffer.storage_mut())];
            sys::read_cached(file, bufs, *offset, wanted, *memory)
        }
        Op::ReadVectoredAt { buffers, offset, .. } if buffers.len() <= BUFFERS_MAX => {
            let count = buffers.len();
            let mut bufs: [_; BUFFERS_MAX] = std::array::from_fn(|_| IoSliceMut::new(&mut []));
            for (buf, buffer) in bufs.iter_mut().zip(buffers.iter_mut()) {
                *buf = IoSliceMut::new(buffer.storage_mut());
            }
            sys::read_cached(file, &mut bufs[..count], *offset, wanted, *memory)
        }
        _ => return None,
    };
    match found {
        Ok(count) => {
            fill(op, count);
            Some(Output::Transferred(count))
        }
        Err(error) => {
            if error.kind() == io::ErrorKind::Unsupported {
                *memory = Memory::Unknown;
            }
            None
        }
    }
}

/// Declares filled what a read has filled.
fn fill(op: &mut Op, mut count: usize) {
    let mut fill = |buffer: &mut Buffer| {
        let here = count.min(buffer.capacity());
        buffer.set_len(here);
        count -= here;
    };
    match op {
        Op::ReadAt { buffer, .. } => fill(buffer),
        Op::ReadVectoredAt { buffers, .. } => buffers.iter_mut().for_each(fill),
        _ => {}
    }
}
