use polyloop_core::{Error, ErrorKind, Op, Output, Result, limits};

use super::halves::{OwnedWriteHalf, WriteHalf};
use super::resource::Resource;
use super::stream::TcpStream;
use super::write;
use crate::fs::File;
use crate::io::PipeWriter;
use crate::op_future::{OpFuture, wrong_answer};

/// What [`sendfile`] sends to: a [`TcpStream`], a `UnixStream`, the writing half of one, or a
/// [`PipeWriter`].
///
/// Nothing else can implement it.
pub trait SendfileTarget: sealed::Target {}

/// The part that only this crate can name.
mod sealed {
    use crate::net::resource::Resource;

    pub trait Target {
        #[doc(hidden)]
        fn outlet(&self) -> &Resource;
    }
}

macro_rules! targets {
    ($($target:ty),+) => {$(
        impl SendfileTarget for $target {}

        impl sealed::Target for $target {
            fn outlet(&self) -> &Resource {
                &self.resource
            }
        }
    )+};
}

targets!(TcpStream, WriteHalf<'_>, OwnedWriteHalf, PipeWriter);

#[cfg(unix)]
targets!(super::unix::UnixStream);

/// Sends a part of a file, after what was written before: from `offset` on, `count` bytes or (for
/// `None`) all that there is. Gives how many bytes were sent, fewer than `count` only if the file ends
/// before.
///
/// The operating system sends from the file where it can, without the bytes going through the
/// program. A backend that knows no such thing is helped out by reading and writing;
/// [`sendfile_without_fallback`] fails then.
///
/// The file's cursor does not matter and stays. What was written to the file through the traits of
/// `futures-io` and not flushed may be missing.
///
/// # Errors
///
/// The operating system's; [`Error::transferred`] tells how many bytes went before.
///
/// # Cancel safety
///
/// Dropping the future has sent an unspecified part.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     # let listener = polyloop::TcpListener::bind("127.0.0.1:0").await?;
///     # let mut stream = polyloop::TcpStream::connect(listener.local_addr()?).await?;
///     let page = polyloop::fs::File::open("Cargo.toml").await?;
///     let sent = polyloop::sendfile(&mut stream, &page, 0, None).await?;
///     assert_eq!(sent, page.metadata().await?.len);
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub async fn sendfile(
    target: &mut (impl SendfileTarget + ?Sized),
    file: &File,
    offset: u64,
    count: impl Into<Option<u64>>,
) -> Result<u64> {
    let outlet = target.outlet();
    SendFile { outlet, file, offset, count: count.into(), fallback: true }.send().await
}

/// As [`sendfile`], but a backend that cannot send files fails.
///
/// # Errors
///
/// Of kind *unsupported* then (asyncio's `SendfileNotAvailableError`); otherwise as for [`sendfile`].
///
/// # Cancel safety
///
/// Dropping the future has sent an unspecified part.
pub async fn sendfile_without_fallback(
    target: &mut (impl SendfileTarget + ?Sized),
    file: &File,
    offset: u64,
    count: impl Into<Option<u64>>,
) -> Result<u64> {
    let outlet = target.outlet();
    SendFile { outlet, file, offset, count: count.into(), fallback: false }.send().await
}

/// What is to be sent, and where.
struct SendFile<'a> {
    outlet: &'a Resource,
    file: &'a File,
    offset: u64,
    count: Option<u64>,
    fallback: bool,
}

impl SendFile<'_> {
    async fn send(self) -> Result<u64> {
        let mut sent = 0;
        loop {
            let left = self.count.map_or(u64::MAX, |count| count - sent);
            let from = self.offset.checked_add(sent).filter(|from| *from <= limits::OFFSET_MAX);
            let from = from.ok_or_else(|| self.failed(sent, ErrorKind::InvalidInput.into()))?;
            let most = left.min(limits::OFFSET_MAX - from);
            let len = usize::try_from(most).unwrap_or(usize::MAX);
            if len == 0 {
                return Ok(sent);
            }
            let (key, file) = (self.outlet.key(), self.file.resource.key());
            let op = Op::SendFile { key, file, offset: from, len };
            match OpFuture::new(self.outlet.home(), op).await.result {
                Ok(Output::Transferred(count)) => {
                    sent += count as u64;
                    if count < len {
                        return Ok(sent);
                    }
                }
                Ok(other) => return Err(wrong_answer(&other)),
                Err(error) if error.kind() == ErrorKind::Unsupported && self.fallback => {
                    return self.read_and_write(sent).await;
                }
                Err(error) => return Err(self.failed(sent, error)),
            }
        }
    }

    /// Sends what is left by way of memory.
    async fn read_and_write(self, mut sent: u64) -> Result<u64> {
        let mut buffer = vec![0; limits::SEND_FILE_SLICE];
        loop {
            let left = self.count.map_or(u64::MAX, |count| count - sent);
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(limits::SEND_FILE_SLICE);
            buffer.truncate(most);
            let (read, back) = self.file.read_owned_at(buffer, self.offset + sent).await;
            buffer = back;
            let count = read.map_err(|error| self.failed(sent, error))?;
            if count == 0 {
                return Ok(sent);
            }
            let written = write::write_all(self.outlet, &buffer[..count]).await;
            written.map_err(|error| self.failed(sent, error))?;
            sent += count as u64;
        }
    }

    fn failed(&self, sent: u64, error: Error) -> Error {
        let transferred = usize::try_from(sent).unwrap_or(usize::MAX);
        let transferred = transferred.saturating_add(error.transferred());
        let error = match self.file.path() {
            Some(path) => self.outlet.saying(format_args!("send {} to", path.display()), error),
            None => self.outlet.saying("send a file to", error),
        };
        error.after_transferring(transferred)
    }
}
