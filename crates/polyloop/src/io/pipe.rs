use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Chunk, Detached, OpenSpec, OsHandle, Output, Result};

use crate::net::resource::Resource;
use crate::net::{read, write};
use crate::op_future::wrong_answer;

/// Makes a pipe of the running loop's: what is written to the one end is read from the other.
///
/// # Errors
///
/// The operating system's, such as being out of descriptors. *Invalid input* if there is no
/// running loop.
///
/// # Cancel safety
///
/// Dropping the future closes what was opened.
///
/// # Platform notes
///
/// Windows cannot wait for an anonymous pipe: *unsupported* there.
///
/// # Examples
///
/// ```
/// # #[cfg(unix)]
/// polyloop::run(async {
///     let (mut reader, mut writer) = polyloop::io::pipe().await?;
///     writer.write_all(b"hello").await?;
///     drop(writer);
///     let mut buf = [0; 16];
///     assert_eq!(reader.read(&mut buf).await?, 5);
///     assert_eq!(reader.read(&mut buf).await?, 0);
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub async fn pipe() -> Result<(PipeReader, PipeWriter)> {
    let (read, write) = Resource::open_pair(OpenSpec::Pipe).await?;
    Ok((PipeReader { resource: read }, PipeWriter { resource: write }))
}

/// The end of a pipe that is read from.
///
/// It belongs to the loop in which it was made and is used on that loop's thread. Reading gives
/// the end of the stream once every writer is closed. Dropping it closes it: who writes then
/// learns it by an error.
#[derive(Debug)]
pub struct PipeReader {
    resource: Resource,
}

/// The end of a pipe that is written to.
///
/// It belongs to the loop in which it was made and is used on that loop's thread. Dropping it
/// sends what was written and closes it.
#[derive(Debug)]
pub struct PipeWriter {
    pub(crate) resource: Resource,
}

impl PipeReader {
    /// Gives what it stands on, for what else stands on that.
    pub(crate) fn into_resource(self) -> Resource {
        self.resource
    }

    /// Takes the read end of a pipe into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles, or the system cannot wait for pipes;
    /// *invalid input* if there is no running loop. The handle is closed then.
    pub fn from_std(reader: io::PipeReader) -> Result<PipeReader> {
        Ok(PipeReader { resource: Resource::attach(OsHandle::PipeReader(reader))? })
    }

    /// Takes the reader out of its loop: the handle, blocking or not as it was when it came, and
    /// what the loop had received and nobody read, which comes before what the handle still gives.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot detach handles.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: dropping the future may close the pipe.
    pub async fn into_std(self) -> Result<(io::PipeReader, Vec<u8>)> {
        match self.resource.detach().await? {
            Detached { handle: OsHandle::PipeReader(reader), unread, .. } => Ok((reader, unread)),
            other => Err(wrong_answer(&Output::Detached(Box::new(other)))),
        }
    }

    /// Reads some bytes, and tells how many; zero is the end of the stream (or of `buf`, if
    /// that is empty).
    ///
    /// # Errors
    ///
    /// The operating system's, after all bytes that came before.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future reads nothing; bytes stay in the pipe.
    pub fn read(&mut self, buf: &mut [u8]) -> impl Future<Output = Result<usize>> {
        read::read(&self.resource, buf)
    }

    /// Reads as many bytes as `buf` is long.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read), and *unexpected end of file*, with
    /// [`Error::transferred`](crate::Error::transferred) telling how many had come.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: what had been read is in `buf`, and nobody knows how much that is.
    pub async fn read_exact(&mut self, buf: &mut [u8]) -> Result<()> {
        read::read_exact(&self.resource, buf).await
    }

    /// Reads to the end of the stream, behind what `bytes` holds, and tells how many bytes that were.
    /// There is no bound: do not read so from whom you do not trust.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read); what came before is in `bytes`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves in `bytes` what had been read; nothing is lost.
    pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize> {
        read::read_to_end(&self.resource, bytes).await
    }

    /// Reads some bytes into a chunk of the loop's; nothing at the end of the stream.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe, as [`read`](Self::read) is.
    pub fn read_chunk(&mut self) -> impl Future<Output = Result<Option<Chunk>>> {
        read::read_chunk(&self.resource)
    }
}

impl PipeWriter {
    /// Gives what it stands on, for what else stands on that.
    pub(crate) fn into_resource(self) -> Resource {
        self.resource
    }

    /// Takes the write end of a pipe into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles, or the system cannot wait for pipes;
    /// *invalid input* if there is no running loop. The handle is closed then.
    pub fn from_std(writer: io::PipeWriter) -> Result<PipeWriter> {
        Ok(PipeWriter { resource: Resource::attach(OsHandle::PipeWriter(writer))? })
    }

    /// Takes the writer out of its loop, after what was written has been sent; blocking or not
    /// as it was when it came.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot detach handles.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: dropping the future may close the pipe.
    pub async fn into_std(self) -> Result<io::PipeWriter> {
        match self.resource.detach().await? {
            Detached { handle: OsHandle::PipeWriter(writer), .. } => Ok(writer),
            other => Err(wrong_answer(&Output::Detached(Box::new(other)))),
        }
    }

    /// Writes some bytes, and tells how many.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *broken pipe* once nobody can read any more.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future has written nothing.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let bufs = [IoSlice::new(bytes)];
        std::future::poll_fn(|cx| write::poll_write(&self.resource, cx, &bufs)).await
    }

    /// Writes all of it: done when the pipe has taken it.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write); an unspecified part has been written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has written an unspecified part.
    pub fn write_all(&mut self, bytes: &[u8]) -> impl Future<Output = Result<()>> {
        write::write_all(&self.resource, bytes)
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::OwnedFd;

    use super::{PipeReader, PipeWriter};
    use crate::sys::pipes;
    use polyloop_core::Result;

    impl PipeReader {
        /// Takes a descriptor that is read as a pipe is into the running loop: a pipe, a FIFO, the
        /// output of a child process (`ChildStdout`), a stream socket, a terminal.
        ///
        /// # Errors
        ///
        /// *Invalid input*, saying so, for a file or a directory, which no loop can wait for, and
        /// as for [`from_std`](Self::from_std).
        ///
        /// # Platform notes
        ///
        /// While it is in a loop that waits for readiness it does not block (`O_NONBLOCK`), and
        /// neither do its duplicates, in whatever process: the flag is that of the open file
        /// description. Do not give it a terminal that you share with a shell.
        pub fn from_fd(fd: impl Into<OwnedFd>) -> Result<PipeReader> {
            PipeReader::from_std(pipes::checked(fd.into(), "read from")?.into())
        }
    }

    impl PipeWriter {
        /// Takes a descriptor that is written to as a pipe is into the running loop: a pipe, a FIFO,
        /// the input of a child process (`ChildStdin`), a stream socket, a terminal.
        ///
        /// # Errors
        ///
        /// *Invalid input*, saying so, for a file or a directory, which no loop can wait for, and
        /// as for [`from_std`](Self::from_std).
        ///
        /// # Platform notes
        ///
        /// As for [`PipeReader::from_fd`].
        pub fn from_fd(fd: impl Into<OwnedFd>) -> Result<PipeWriter> {
            PipeWriter::from_std(pipes::checked(fd.into(), "write to")?.into())
        }
    }
}

impl AsyncRead for PipeReader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        read::poll_read(&self.resource, cx, buf).map_err(io::Error::from)
    }
}

/// What is written is with the kernel, so flushing has nothing to do; closing is the reader's end
/// of the stream.
impl AsyncWrite for PipeWriter {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        write::poll_write(&self.resource, cx, bufs).map_err(io::Error::from)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.resource.close();
        Poll::Ready(Ok(()))
    }
}
