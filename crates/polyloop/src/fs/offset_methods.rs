//! Reading and writing a file at offsets.

use polyloop_core::{Buffer, Completion, Error, ErrorKind, Op, Output, Result, limits};

use super::file::File;
use crate::op_future::{OpFuture, wrong_answer};

impl File {
    /// Reads at an offset into a slice, and tells how much; zero is the end of the file (or of
    /// `buf`, if that is empty). At most 64 KiB at once: what is larger is better read
    /// [without a copy](Self::read_owned_at).
    ///
    /// # Errors
    ///
    /// The operating system's, such as *is a directory*, or that the file was not opened for
    /// reading; *invalid input* for an offset beyond every file.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: it changes nothing.
    pub async fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let engine = self.resource.engine()?;
        let is_small = buf.len() < limits::WRITE_PIECE;
        let buffer = if is_small { Buffer::with_capacity(buf.len()) } else { engine.lend_buffer() };
        let op = Op::ReadAt { key: self.resource.key(), buffer, offset };
        let completion = OpFuture::new(self.resource.home(), op).await;
        let count = transferred(completion.result).map_err(|error| self.reading(error))?;
        if let Some(Op::ReadAt { buffer, .. }) = completion.op {
            buf[..count].copy_from_slice(&buffer);
            engine.return_buffer(buffer);
        }
        Ok(count)
    }

    /// Reads at an offset until a slice is full.
    ///
    /// # Errors
    ///
    /// *Unexpected end* if the file ends before, and as for [`read_at`](Self::read_at).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: it changes nothing but the slice.
    pub async fn read_exact_at(&self, mut buf: &mut [u8], mut offset: u64) -> Result<()> {
        while !buf.is_empty() {
            let count = self.read_at(buf, offset).await?;
            if count == 0 {
                return Err(self.reading(end_too_early()));
            }
            buf = &mut buf[count..];
            offset += count as u64;
        }
        Ok(())
    }

    /// Writes at an offset from a slice, and tells how much: at most 64 KiB at once.
    ///
    /// # Errors
    ///
    /// The operating system's, such as a full device, or that the file was not opened for
    /// writing; *invalid input* for an offset beyond every file.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has written an unspecified part.
    pub async fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        let engine = self.resource.engine()?;
        let mut buffer = engine.lend_buffer();
        buffer.append(bytes);
        let op = Op::WriteAt { key: self.resource.key(), buffer, offset };
        let completion = OpFuture::new(self.resource.home(), op).await;
        if let Some(Op::WriteAt { buffer, .. }) = completion.op {
            engine.return_buffer(buffer);
        }
        transferred(completion.result).map_err(|error| self.writing(error))
    }

    /// Writes all of a slice at an offset.
    ///
    /// # Errors
    ///
    /// As for [`write_at`](Self::write_at); an unspecified part has been written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has written an unspecified part.
    pub async fn write_all_at(&self, mut bytes: &[u8], mut offset: u64) -> Result<()> {
        while !bytes.is_empty() {
            let count = self.write_at(bytes, offset).await?;
            if count == 0 {
                return Err(self.writing(ErrorKind::Io(std::io::ErrorKind::WriteZero).into()));
            }
            bytes = &bytes[count..];
            offset += count as u64;
        }
        Ok(())
    }

    /// Reads at an offset without a copy: into a vector, over what is in it, at most as much as it is
    /// long. Gives how much, and the vector, whose length stays.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Self::read_at); the vector comes back then too, but for a loop that is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the vector, once the kernel is done with it.
    pub async fn read_owned_at(&self, buffer: Vec<u8>, offset: u64) -> (Result<usize>, Vec<u8>) {
        if buffer.is_empty() {
            return (Ok(0), buffer);
        }
        let op = Op::ReadAt { key: self.resource.key(), buffer: buffer.into(), offset };
        let (result, op) = self.end_of(op).await;
        let buffer = match op {
            Some(Op::ReadAt { buffer, .. }) => whole(buffer),
            _ => Vec::new(),
        };
        (result.map_err(|error| self.reading(error)), buffer)
    }

    /// Writes a vector at an offset without a copy, and gives how much of it was written, and the
    /// vector.
    ///
    /// # Errors
    ///
    /// As for [`write_at`](Self::write_at); the vector comes back then too, but for a loop that is
    /// gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the vector, once the kernel is done with it; an unspecified part
    /// has been written.
    pub async fn write_owned_at(&self, bytes: Vec<u8>, offset: u64) -> (Result<usize>, Vec<u8>) {
        let op = Op::WriteAt { key: self.resource.key(), buffer: bytes.into(), offset };
        let (result, op) = self.end_of(op).await;
        let bytes = match op {
            Some(Op::WriteAt { buffer, .. }) => whole(buffer),
            _ => Vec::new(),
        };
        (result.map_err(|error| self.writing(error)), bytes)
    }

    /// Reads at an offset into several vectors, the first ones first; otherwise as
    /// [`read_owned_at`](Self::read_owned_at).
    ///
    /// # Errors
    ///
    /// As for [`read_owned_at`](Self::read_owned_at).
    ///
    /// # Cancel safety
    ///
    /// As for [`read_owned_at`](Self::read_owned_at).
    pub async fn read_vectored_at(
        &self,
        buffers: Vec<Vec<u8>>,
        offset: u64,
    ) -> (Result<usize>, Vec<Vec<u8>>) {
        if buffers.iter().all(Vec::is_empty) {
            return (Ok(0), buffers);
        }
        let buffers = buffers.into_iter().map(Buffer::from).collect();
        let op = Op::ReadVectoredAt { key: self.resource.key(), buffers, offset };
        let (result, op) = self.end_of(op).await;
        let buffers = match op {
            Some(Op::ReadVectoredAt { buffers, .. }) => buffers.into_iter().map(whole).collect(),
            _ => Vec::new(),
        };
        (result.map_err(|error| self.reading(error)), buffers)
    }

    /// Writes several vectors at an offset, in order; otherwise as
    /// [`write_owned_at`](Self::write_owned_at).
    ///
    /// # Errors
    ///
    /// As for [`write_owned_at`](Self::write_owned_at).
    ///
    /// # Cancel safety
    ///
    /// As for [`write_owned_at`](Self::write_owned_at).
    pub async fn write_vectored_at(
        &self,
        bytes: Vec<Vec<u8>>,
        offset: u64,
    ) -> (Result<usize>, Vec<Vec<u8>>) {
        let buffers = bytes.into_iter().map(Buffer::from).collect();
        let op = Op::WriteVectoredAt { key: self.resource.key(), buffers, offset };
        let (result, op) = self.end_of(op).await;
        let bytes = match op {
            Some(Op::WriteVectoredAt { buffers, .. }) => buffers.into_iter().map(whole).collect(),
            _ => Vec::new(),
        };
        (result.map_err(|error| self.writing(error)), bytes)
    }

    async fn end_of(&self, op: Op) -> (Result<usize>, Option<Op>) {
        let Completion { result, op, .. } = OpFuture::new(self.resource.home(), op).await;
        (transferred(result), op)
    }

    pub(super) fn reading(&self, error: Error) -> Error {
        self.saying("read from", error)
    }

    pub(super) fn writing(&self, error: Error) -> Error {
        self.saying("write to", error)
    }
}

#[inline]
pub(super) fn transferred(result: Result<Output>) -> Result<usize> {
    match result? {
        Output::Transferred(count) => Ok(count),
        other => Err(wrong_answer(&other)),
    }
}

pub(super) fn end_too_early() -> Error {
    ErrorKind::Io(std::io::ErrorKind::UnexpectedEof).into()
}

/// Gives the whole storage back as the vector that it was.
fn whole(mut buffer: Buffer) -> Vec<u8> {
    buffer.set_len(buffer.capacity());
    buffer.into_vec()
}
