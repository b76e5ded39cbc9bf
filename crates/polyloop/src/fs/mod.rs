//! Files, directories and what is known of them, without blocking the loop.
//!
//! On io_uring the kernel does what is here by itself; on the other backends a bounded number of
//! threads does. What no ring knows (copying, reading directories and links) a thread of the
//! loop's default [executor](crate::Executor) does everywhere.
//!
//! Errors say what was attempted on which path, and keep the operating system's number.
//!
//! # Examples
//!
//! ```
//! use polyloop::fs::{self, File};
//!
//! polyloop::run(async {
//!     let mut file = fs::temp_file().await?;
//!     file.write_all(b"hello, disk").await?;
//!     file.write_all_at(b"D", 7).await?;
//!     file.rewind().await?;
//!     let mut text = String::new();
//!     file.read_to_string(&mut text).await?;
//!     assert_eq!(text, "hello, Disk");
//!     Ok::<(), polyloop::Error>(())
//! })??;
//! # Ok::<(), polyloop::Error>(())
//! ```

mod cursor;
mod cursor_methods;
mod directory;
mod file;
mod functions;
mod io_traits;
mod offset_methods;
mod open_options;
mod path_op;

pub use directory::{DirEntry, ReadDir, read_dir};
pub use file::File;
pub use functions::{
    canonicalize, copy, create_dir, create_dir_all, hard_link, metadata, read, read_link,
    read_to_string, remove_dir, remove_dir_all, remove_file, rename, symlink, symlink_metadata,
    temp_file, try_exists, write,
};
pub use open_options::OpenOptions;
pub use polyloop_core::{FileKind, Metadata};
