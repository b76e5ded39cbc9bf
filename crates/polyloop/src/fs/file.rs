use std::fmt;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use polyloop_core::{Detached, Error, Metadata, Op, OsHandle, Output, Result, SyncScope};

use super::cursor::Cursor;
use super::open_options::OpenOptions;
use super::path_op::metadata_of;
use crate::net::resource::Resource;
use crate::op_future::{OpFuture, wrong_answer};

/// An open file.
///
/// It is read and written at offsets, by any number of futures at once ([`read_at`](Self::read_at)
/// and the like), and with a cursor, by one ([`read`](Self::read) and the like, and the traits of
/// `futures-io`). It belongs to the loop in which it was opened and is used on that loop's thread.
/// Dropping it closes it, after what was given to it has been written.
///
/// It is for what has offsets: a FIFO or a terminal is read through
/// [`PipeReader::from_fd`](crate::io::PipeReader).
///
/// # Cancel safety
///
/// A read that is dropped has read nothing: the cursor stays. A write that is dropped has written an
/// unspecified part.
pub struct File {
    pub(crate) resource: Resource,
    /// Where it is, as it was opened.
    pub(super) path: Option<PathBuf>,
    pub(super) cursor: Cursor,
}

impl File {
    /// Opens a file that exists, for reading.
    ///
    /// # Errors
    ///
    /// As for [`OpenOptions::open`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn open(path: impl AsRef<Path>) -> Result<File> {
        OpenOptions::new().read(true).open(path).await
    }

    /// Opens a file for reading and writing: a new one, or one that is cut to nothing.
    ///
    /// # Errors
    ///
    /// As for [`OpenOptions::open`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the file may have been made or cut.
    pub async fn create(path: impl AsRef<Path>) -> Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path).await
    }

    /// Opens a new file for reading and writing.
    ///
    /// # Errors
    ///
    /// *Already exists*, and as for [`OpenOptions::open`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the file may have been made.
    pub async fn create_new(path: impl AsRef<Path>) -> Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(path).await
    }

    /// Gives options to open files with.
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes a file of the standard library's into the running loop; the cursor stays where it is.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop; the operating system's for what has no cursor, such as a pipe. The file is closed
    /// then.
    pub fn from_std(mut file: std::fs::File) -> Result<File> {
        let position = file
            .stream_position()
            .map_err(|error| Error::from(error).attempting("find the cursor of a file"))?;
        let mut file = File::of(Resource::attach(OsHandle::File(file))?, None, false);
        file.cursor.set(position);
        Ok(file)
    }

    /// Takes the file out of its loop, after what was given to it has been written; the cursor
    /// stays where it is.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot detach handles; those of a write that had not ended.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: dropping the future may close the file.
    pub async fn into_std(mut self) -> Result<std::fs::File> {
        let position = self.stream_position().await?;
        let attempt = |error: Error| self.saying("detach", error);
        match self.resource.detach().await.map_err(attempt)? {
            Detached { handle: OsHandle::File(mut file), .. } => {
                file.seek(SeekFrom::Start(position))
                    .map_err(|e| self.saying("seek in", e.into()))?;
                Ok(file)
            }
            other => Err(wrong_answer(&Output::Detached(Box::new(other)))),
        }
    }

    /// Tells what is known of the file.
    ///
    /// # Errors
    ///
    /// The operating system's.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: it changes nothing.
    pub async fn metadata(&self) -> Result<Metadata> {
        let op = Op::Stat { key: self.resource.key() };
        metadata_of(self.do_op("look at", op).await?)
    }

    /// Cuts the file to a length, or fills it up with zeros. The cursor stays where it is.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *invalid input* for a file that is only read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may or may not have done it.
    pub async fn set_len(&self, len: u64) -> Result<()> {
        let op = Op::Truncate { key: self.resource.key(), len };
        self.do_op("set the length of", op).await.map(drop)
    }

    /// Waits until content and everything about the file are on the device, after what was given
    /// to it has been written.
    ///
    /// # Errors
    ///
    /// The operating system's; those of a write that had not ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops only the waiting.
    pub async fn sync_all(&mut self) -> Result<()> {
        self.sync(SyncScope::All).await
    }

    /// As [`sync_all`](Self::sync_all), but of what is about the file only what is needed to read it
    /// back.
    ///
    /// # Errors
    ///
    /// As for [`sync_all`](Self::sync_all).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops only the waiting.
    pub async fn sync_data(&mut self) -> Result<()> {
        self.sync(SyncScope::Data).await
    }

    /// Gives the path that it was opened by, if it was by one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(super) fn of(resource: Resource, path: Option<PathBuf>, appends: bool) -> File {
        File { resource, path, cursor: Cursor::new(appends) }
    }

    /// Does an op of the file, and says in its error what was attempted.
    pub(super) async fn do_op(&self, what: &str, op: Op) -> Result<Output> {
        let completion = OpFuture::new(self.resource.home(), op).await;
        completion.result.map_err(|error| self.saying(what, error))
    }

    /// Says in an error what was attempted on which file.
    pub(super) fn saying(&self, what: &str, error: Error) -> Error {
        match &self.path {
            Some(path) => error.attempting(format_args!("{what} {}", path.display())),
            None => error.attempting(format_args!("{what} a file")),
        }
    }

    async fn sync(&mut self, scope: SyncScope) -> Result<()> {
        self.flush().await?;
        let op = Op::Sync { key: self.resource.key(), scope };
        self.do_op("sync", op).await.map(drop)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "File({}, {:?})", path.display(), self.resource),
            None => write!(f, "File({:?})", self.resource),
        }
    }
}
