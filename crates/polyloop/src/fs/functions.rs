use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use polyloop_core::{Error, ErrorKind, Metadata, Op, Removal, Result};

use super::file::File;
use super::open_options::OpenOptions;
use super::path_op::{metadata_of, on_thread, path_done, path_op};

/// Reads a whole file.
///
/// # Errors
///
/// The operating system's, saying which path, such as *not found* or *is a directory*.
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
pub async fn read(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    File::open(path).await?.read_to_end(&mut all).await?;
    Ok(all)
}

/// Reads a whole file of UTF-8.
///
/// # Errors
///
/// *Invalid data* if it is not UTF-8, and as for [`read`].
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
pub async fn read_to_string(path: impl AsRef<Path>) -> Result<String> {
    let mut text = String::new();
    File::open(path).await?.read_to_string(&mut text).await?;
    Ok(text)
}

/// Writes a whole file: a new one, or in the place of what was in it.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Dropping the future may have made or cut the file, and written an unspecified part.
pub async fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<()> {
    let options = OpenOptions::new().write(true).create(true).truncate(true);
    options.open(path).await?.write_all(bytes.as_ref()).await
}

/// Tells what is known of a file or directory, following symbolic links.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
pub async fn metadata(path: impl AsRef<Path>) -> Result<Metadata> {
    metadata_of(path_op(Op::StatPath { path: path.as_ref().into(), follow: true }).await?)
}

/// Tells what is known of a file or directory, or of a symbolic link itself.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
pub async fn symlink_metadata(path: impl AsRef<Path>) -> Result<Metadata> {
    metadata_of(path_op(Op::StatPath { path: path.as_ref().into(), follow: false }).await?)
}

/// Tells whether there is something at a path; a symbolic link to nothing is nothing.
///
/// # Errors
///
/// The operating system's where it cannot be told, such as *permission denied*.
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
pub async fn try_exists(path: impl AsRef<Path>) -> Result<bool> {
    match metadata(path).await {
        Ok(_) => Ok(true),
        Err(error) if error.io_kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Renames a file or directory, in the place of what has the new name.
///
/// # Errors
///
/// The operating system's, saying both paths; one of them for another file system.
///
/// # Cancel safety
///
/// Dropping the future may or may not have done it.
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    path_done(Op::Rename { from: from.as_ref().into(), to: to.as_ref().into() }).await
}

/// Removes a file, or a symbolic link itself.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Dropping the future may or may not have done it.
pub async fn remove_file(path: impl AsRef<Path>) -> Result<()> {
    path_done(Op::Remove { path: path.as_ref().into(), what: Removal::File }).await
}

/// Removes an empty directory.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Dropping the future may or may not have done it.
pub async fn remove_dir(path: impl AsRef<Path>) -> Result<()> {
    path_done(Op::Remove { path: path.as_ref().into(), what: Removal::EmptyDirectory }).await
}

/// Removes a directory with all that is in it, on a thread. Symbolic links are removed, not followed.
///
/// # Errors
///
/// The operating system's, saying which path; some of it may be gone.
///
/// # Cancel safety
///
/// A removal that has begun goes on.
pub async fn remove_dir_all(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref().to_owned();
    on_thread("remove all of", path, |path| std::fs::remove_dir_all(path)).await
}

/// Makes a directory.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Dropping the future may or may not have done it.
pub async fn create_dir(path: impl AsRef<Path>) -> Result<()> {
    path_done(Op::MakeDirectory { path: path.as_ref().into(), mode: 0o777 }).await
}

/// Makes a directory, and those that it would be in. One that is there already is no error.
///
/// # Errors
///
/// The operating system's, saying which path; some of them may have been made.
///
/// # Cancel safety
///
/// Dropping the future may have made some of them.
pub async fn create_dir_all(path: impl AsRef<Path>) -> Result<()> {
    let mut missing: Vec<&Path> = vec![path.as_ref()];
    while let Some(next) = missing.last().copied() {
        let parent = next.parent().filter(|parent| !parent.as_os_str().is_empty());
        match (create_dir(next).await, parent) {
            (Err(error), Some(parent)) if error.io_kind() == io::ErrorKind::NotFound => {
                missing.push(parent);
            }
            (Ok(()), _) => drop(missing.pop()),
            // Made by somebody else, or there from the start.
            (Err(error), _) => match metadata(next).await {
                Ok(found) if found.is_dir() => drop(missing.pop()),
                _ => return Err(error),
            },
        }
    }
    Ok(())
}

/// Gives a file a second name.
///
/// # Errors
///
/// The operating system's, saying both paths.
///
/// # Cancel safety
///
/// Dropping the future may or may not have done it.
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> Result<()> {
    path_done(Op::Link { original: original.as_ref().into(), link: link.as_ref().into() }).await
}

/// Makes a symbolic link at `link` that names `target`, as written; on Windows one to a file.
///
/// # Errors
///
/// The operating system's, saying both paths.
///
/// # Cancel safety
///
/// Dropping the future may or may not have done it.
pub async fn symlink(target: impl AsRef<Path>, link: impl AsRef<Path>) -> Result<()> {
    path_done(Op::Symlink { target: target.as_ref().into(), link: link.as_ref().into() }).await
}

/// Tells what a symbolic link names, as written; on a thread.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
pub async fn read_link(path: impl AsRef<Path>) -> Result<PathBuf> {
    let path = path.as_ref().to_owned();
    on_thread("read the link", path, |path| std::fs::read_link(path)).await
}

/// Gives the absolute path of something, without symbolic links in it; on a thread.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Cancel-safe: it changes nothing.
pub async fn canonicalize(path: impl AsRef<Path>) -> Result<PathBuf> {
    let path = path.as_ref().to_owned();
    on_thread("resolve", path, |path| path.canonicalize()).await
}

/// Copies a file with its permissions, in the place of what has the name, and tells how long it is;
/// on a thread, by what the operating system has for it.
///
/// # Errors
///
/// The operating system's, saying both paths; the copy may be there in part.
///
/// # Cancel safety
///
/// A copy that has begun goes on.
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<u64> {
    let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
    let said = format!("to {}", to.display());
    let result = on_thread("copy", from, move |from| std::fs::copy(from, &to)).await;
    result.map_err(|error| error.attempting(said))
}

/// Makes a file without a name, for reading and writing, that is gone when it is closed. It is in the
/// directory for temporary files, and only its owner may open it while it has a name.
///
/// # Errors
///
/// The operating system's, saying which path.
///
/// # Cancel safety
///
/// Dropping the future removes the file, or leaves an empty one behind.
///
/// # Platform notes
///
/// It has a name for a moment, which nobody can guess. Windows removes the name when the file is
/// closed.
pub async fn temp_file() -> Result<File> {
    let directory = std::env::temp_dir();
    for _ in 0..NAMES_MAX {
        // Seeded by the system once a thread, and different at each call.
        let path = directory.join(format!(".polyloop-{:016x}", RandomState::new().hash_one(())));
        let options = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600);
        match options.open(&path).await {
            Ok(file) => {
                remove_file(&path).await?;
                return Ok(file);
            }
            Err(error) if error.io_kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(ErrorKind::Io(io::ErrorKind::AlreadyExists))
        .attempting(format_args!("find a free name in {}", directory.display())))
}

/// Names that are tried for a temporary file: of 64 random bits, so one is enough but for an enemy.
const NAMES_MAX: usize = 16;
