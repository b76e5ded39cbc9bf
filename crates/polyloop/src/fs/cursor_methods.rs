//! Reading and writing a file where its cursor is.

use std::future::poll_fn;
use std::io::SeekFrom;

use polyloop_core::Result;

use super::file::File;
use super::offset_methods::end_too_early;

impl File {
    /// Reads some bytes where the cursor is, and tells how many; zero is the end of the file (or
    /// of `buf`, if that is empty). At most 64 KiB at once.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Self::read_at); those of a write that had not ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future leaves the cursor where it was.
    pub async fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        poll_fn(|cx| self.poll_read_here(cx, buf)).await
    }

    /// Reads until a slice is full.
    ///
    /// # Errors
    ///
    /// *Unexpected end* if the file ends before, and as for [`read`](Self::read).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the cursor behind what was read.
    pub async fn read_exact(&mut self, mut buf: &mut [u8]) -> Result<()> {
        while !buf.is_empty() {
            let count = self.read(buf).await?;
            if count == 0 {
                return Err(self.reading(end_too_early()));
            }
            buf = &mut buf[count..];
        }
        Ok(())
    }

    /// Reads all from the cursor to the end of the file, behind what is in a vector, and tells how
    /// much that was.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read); the vector holds what was read before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the cursor, and the vector, behind what was read.
    pub async fn read_to_end(&mut self, all: &mut Vec<u8>) -> Result<usize> {
        let before = all.len();
        let mut position = self.stream_position().await?;
        // One more than there should be, to find the end with the same read. Some files, such as
        // those of /proc, do not tell how long they are.
        let left = self.metadata().await?.len.saturating_sub(position).saturating_add(1);
        let piece = usize::try_from(left).unwrap_or(PIECE_MAX).clamp(PIECE_MIN, PIECE_MAX);
        let mut buffer = vec![0; piece];
        loop {
            let (result, back) = self.read_owned_at(buffer, position).await;
            let count = result?;
            if count == 0 {
                return Ok(all.len() - before);
            }
            position += count as u64;
            self.cursor.set(position);
            if all.is_empty() && count < back.len() {
                // All of a usual file: the vector that was read into is the answer.
                *all = back;
                all.truncate(count);
                buffer = vec![0; PIECE_MIN];
            } else {
                all.extend_from_slice(&back[..count]);
                buffer = back;
            }
        }
    }

    /// Reads all from the cursor to the end of the file, behind what is in a string.
    ///
    /// # Errors
    ///
    /// *Invalid data* if it is not UTF-8, and as for [`read`](Self::read); nothing is added then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the string as it was, and the cursor behind what was read.
    pub async fn read_to_string(&mut self, text: &mut String) -> Result<usize> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).await?;
        let read = str::from_utf8(&bytes).map_err(|error| {
            let error = std::io::Error::new(std::io::ErrorKind::InvalidData, error);
            self.reading(error.into())
        })?;
        text.push_str(read);
        Ok(bytes.len())
    }

    /// Writes some bytes where the cursor is, and tells how many: at most 64 KiB at once.
    ///
    /// # Errors
    ///
    /// As for [`write_at`](Self::write_at).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has written all that it would have, or nothing.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let count = poll_fn(|cx| self.poll_write_here(cx, bytes)).await?;
        self.flush().await?;
        Ok(count)
    }

    /// Writes all of a slice where the cursor is.
    ///
    /// # Errors
    ///
    /// As for [`write_at`](Self::write_at); an unspecified part has been written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has written an unspecified part.
    pub async fn write_all(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let count = poll_fn(|cx| self.poll_write_here(cx, bytes)).await?;
            bytes = &bytes[count..];
        }
        self.flush().await
    }

    /// Waits until the operating system has what was written through the traits of `futures-io`,
    /// which take bytes and write on.
    ///
    /// # Errors
    ///
    /// Those of that write.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future stops only the waiting.
    pub async fn flush(&mut self) -> Result<()> {
        poll_fn(|cx| self.poll_written(cx)).await
    }

    /// Moves the cursor, and gives where it is then, in bytes from the start.
    ///
    /// # Errors
    ///
    /// *Invalid input* for a place before the start, or beyond every file; those of a write that
    /// had not ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future leaves the cursor where it was.
    pub async fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        poll_fn(|cx| self.poll_seek_to(cx, to)).await
    }

    /// Gives where the cursor is, in bytes from the start.
    ///
    /// # Errors
    ///
    /// Those of a write that had not ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: it changes nothing.
    pub async fn stream_position(&mut self) -> Result<u64> {
        self.seek(SeekFrom::Current(0)).await
    }

    /// Moves the cursor to the start.
    ///
    /// # Errors
    ///
    /// Those of a write that had not ended.
    ///
    /// # Cancel safety
    ///
    /// As for [`seek`](Self::seek).
    pub async fn rewind(&mut self) -> Result<()> {
        self.seek(SeekFrom::Start(0)).await.map(drop)
    }
}

/// What reading to the end reads at once: a file of a usual size whole, another in pieces.
const PIECE_MIN: usize = 4096;
const PIECE_MAX: usize = 64 << 20;
