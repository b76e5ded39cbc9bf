use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use polyloop_core::{Error, FileKind, Metadata, Result, limits};

use super::functions::symlink_metadata;
use super::path_op::on_thread;
use crate::executor::ThreadTask;
use crate::loop_object::Loop;

/// Reads a directory: gives what is in it, in no order, without itself and its parent. A thread
/// reads ahead, a bounded number of entries.
///
/// # Errors
///
/// The operating system's, saying which path, such as *not a directory*.
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
///
/// # Examples
///
/// ```
/// # polyloop::run(async {
/// use futures::StreamExt;
///
/// let mut entries = polyloop::fs::read_dir("src").await?;
/// while let Some(entry) = entries.next().await {
///     println!("{}", entry?.path().display());
/// }
/// # Ok::<(), polyloop::Error>(())
/// # })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub async fn read_dir(path: impl AsRef<Path>) -> Result<ReadDir> {
    let path = path.as_ref().to_owned();
    let name = path.clone();
    let entries = on_thread("read the directory", path, |path| fs::read_dir(path)).await?;
    Ok(ReadDir { path: name, found: VecDeque::new(), state: State::Idle(entries) })
}

/// What is in a directory, as a stream of entries.
///
/// It ends after an error that is the directory's own. Dropping it stops reading.
#[must_use = "streams do nothing unless polled"]
pub struct ReadDir {
    path: PathBuf,
    found: VecDeque<Result<DirEntry>>,
    state: State,
}

enum State {
    Idle(fs::ReadDir),
    Reading(ThreadTask<Batch>),
    Ended,
}

/// What a thread has read, and the rest of the directory unless that is all.
struct Batch {
    found: VecDeque<Result<DirEntry>>,
    rest: Option<fs::ReadDir>,
}

/// One entry of a directory.
#[derive(Clone, Debug)]
pub struct DirEntry {
    path: PathBuf,
    name: OsString,
    kind: Option<FileKind>,
}

impl DirEntry {
    /// Gives the path: that of the directory as it was given, and the name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the name.
    pub fn file_name(&self) -> &OsString {
        &self.name
    }

    /// Tells what it is, a symbolic link not followed; nothing where the system did not say, or
    /// if it is something else than a file, a directory or a link.
    pub fn kind(&self) -> Option<FileKind> {
        self.kind
    }

    /// Tells what is known of it, or of a symbolic link itself.
    ///
    /// # Errors
    ///
    /// The operating system's, saying which path.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: it changes nothing.
    pub async fn metadata(&self) -> Result<Metadata> {
        symlink_metadata(&self.path).await
    }
}

impl Stream for ReadDir {
    type Item = Result<DirEntry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(entry) = self.found.pop_front() {
                return Poll::Ready(Some(entry));
            }
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Idle(_) => self.read_on()?,
                State::Reading(batch) => {
                    let batch = ready!(Pin::new(batch).poll(cx));
                    self.take(batch.map_err(Error::other)?);
                }
            }
        }
    }
}

impl ReadDir {
    fn read_on(&mut self) -> Result<()> {
        let State::Idle(mut entries) = std::mem::replace(&mut self.state, State::Ended) else {
            return Ok(());
        };
        let path = self.path.clone();
        let read = move || {
            let mut found = VecDeque::with_capacity(limits::DIRECTORY_ENTRIES_AHEAD);
            while found.len() < limits::DIRECTORY_ENTRIES_AHEAD {
                match entries.next() {
                    None => return Batch { found, rest: None },
                    Some(Ok(entry)) => found.push_back(Ok(DirEntry::of(&entry))),
                    Some(Err(error)) => {
                        let what = format!("read the directory {}", path.display());
                        found.push_back(Err(Error::from(error).attempting(what)));
                        return Batch { found, rest: None };
                    }
                }
            }
            Batch { found, rest: Some(entries) }
        };
        self.state = State::Reading(Loop::current()?.run_in_executor(None, read));
        Ok(())
    }

    fn take(&mut self, batch: Batch) {
        self.found = batch.found;
        self.state = batch.rest.map_or(State::Ended, State::Idle);
    }
}

impl DirEntry {
    fn of(entry: &fs::DirEntry) -> DirEntry {
        let kind = entry.file_type().ok().and_then(|kind| match kind {
            _ if kind.is_file() => Some(FileKind::Regular),
            _ if kind.is_dir() => Some(FileKind::Directory),
            _ if kind.is_symlink() => Some(FileKind::Symlink),
            _ => None,
        });
        DirEntry { path: entry.path(), name: entry.file_name(), kind }
    }
}

impl fmt::Debug for ReadDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadDir({})", self.path.display())
    }
}
