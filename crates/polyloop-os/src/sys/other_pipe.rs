//! Attempts on pipes that have been set not to wait. Nothing here keeps a write to a pipe without
//! readers from raising SIGPIPE, which Rust programs ignore from their start.

use std::io::{self, IoSlice, PipeReader, PipeWriter, Read, Write};

pub(super) fn read(reader: &PipeReader, buf: &mut [u8]) -> io::Result<usize> {
    (&mut &*reader).read(buf)
}

pub(super) fn write(writer: &PipeWriter, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    (&mut &*writer).write_vectored(bufs)
}
