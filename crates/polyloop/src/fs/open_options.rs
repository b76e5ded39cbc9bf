use std::path::{Path, PathBuf};

use polyloop_core::{FileSpec, Op, OpenSpec, Result};

use super::file::File;
use super::path_op::check_paths;
use crate::engine;
use crate::net::resource::Resource;
use crate::op_future::{OpFuture, opened};

/// How to open a [`File`]; the flags mean what they mean in [`std::fs::OpenOptions`].
///
/// # Examples
///
/// ```
/// # polyloop::run(async {
/// # let path = std::env::temp_dir().join(format!("polyloop-options-{}", std::process::id()));
/// use polyloop::fs::OpenOptions;
///
/// let mut log = OpenOptions::new().append(true).create(true).open(&path).await?;
/// log.write_all(b"one more line\n").await?;
/// # polyloop::fs::remove_file(&path).await?;
/// # Ok::<(), polyloop::Error>(())
/// # })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[must_use]
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    spec: FileSpec,
}

macro_rules! flags {
    ($($(#[$doc:meta])* $flag:ident,)*) => {$(
        $(#[$doc])*
        pub fn $flag(mut self, yes: bool) -> OpenOptions {
            self.spec.$flag = yes;
            self
        }
    )*};
}

impl OpenOptions {
    /// Makes options with which nothing can be opened yet.
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    flags! {
        /// Says whether it can be read.
        read,
        /// Says whether it can be written.
        write,
        /// Says whether each write goes to the end of the file, wherever that is by then.
        append,
        /// Says whether an existing file is cut to nothing.
        truncate,
        /// Says whether the file is made if it does not exist.
        create,
        /// Says whether the file is made, and must not have existed.
        create_new,
    }

    /// Sets the permissions of a file that is made, less the process's umask; 0o666 otherwise. Only
    /// systems with modes look at it.
    pub fn mode(mut self, mode: u32) -> OpenOptions {
        self.spec.mode = Some(mode);
        self
    }

    /// Adds flags of open(2), such as `O_NOFOLLOW`. Only Unix systems look at them, and the access
    /// mode in them is ignored.
    pub fn custom_flags(mut self, flags: i32) -> OpenOptions {
        self.spec.custom_flags = flags;
        self
    }

    /// Opens the file.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *not found*, saying which path. *Invalid input* for a path
    /// with NUL, for options that contradict each other, and if there is no running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the file may have been made or cut.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<File> {
        let path: PathBuf = path.as_ref().to_owned();
        let appends = self.spec.append;
        let mut spec = self.spec;
        spec.path.clone_from(&path);
        let op = Op::Open { spec: Box::new(OpenSpec::File(spec)) };
        check_paths(&op)?;
        let home = engine::current().ok_or_else(engine::not_running)?.id;
        let key = opened(OpFuture::new(home, op).await)?;
        Ok(File::of(Resource::new(home, key), Some(path), appends))
    }
}
