use std::fs::File;
use std::io::{self, IoSliceMut};

use crate::cached::Memory;

pub(crate) fn memory_of(_: &File) -> Memory {
    Memory::Unknown
}

pub(crate) fn read_cached(
    _: &File,
    _: &mut [IoSliceMut<'_>],
    _: u64,
    _: usize,
    _: Memory,
) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
