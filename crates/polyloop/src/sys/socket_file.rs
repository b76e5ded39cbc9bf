//! A Unix socket that only its owner can reach, from its making to its removal.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A listening socket's file. Dropping it removes the file, if it is still this one and this is
/// still the process that made it.
pub(super) struct SocketFile {
    path: PathBuf,
    made: (u64, u64),
    process: u32,
}

impl SocketFile {
    /// Listens at a path.
    ///
    /// The socket is made in a directory of its own that nobody else can enter, and appears at its
    /// path, by a hard link, only when its permissions are set. So there is no moment at which
    /// another user can connect, and nothing that is at the path is ever replaced, but for a
    /// socket to which nobody listens.
    pub(super) fn listen(path: &Path) -> io::Result<(SocketFile, UnixListener)> {
        remove_stale(path)?;
        let nursery = Nursery::beside(path)?;
        check_directory(parent(path), fs::metadata(&nursery.0)?.uid())?;
        let born = nursery.0.join("s");
        let listener = UnixListener::bind(&born)?;
        fs::set_permissions(&born, fs::Permissions::from_mode(0o600))?;
        let made = fs::symlink_metadata(&born)?;
        fs::hard_link(&born, path)?;
        let made = (made.dev(), made.ino());
        Ok((SocketFile { path: path.to_owned(), made, process: std::process::id() }, listener))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_mine = fs::symlink_metadata(&self.path)
            .is_ok_and(|found| (found.dev(), found.ino()) == self.made);
        // In a forked child the file is the parent's.
        if is_mine && self.process == std::process::id() {
            // Whoever removed it first has done the same.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The directory in which a socket is made, removed with what is in it.
struct Nursery(PathBuf);

impl Nursery {
    fn beside(path: &Path) -> io::Result<Nursery> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let nursery = parent(path).join(format!(".{name}"));
        // One that is there was left by a process that was killed meanwhile, or is not ours: then
        // removing it, or making it again, fails.
        let _ = fs::remove_file(nursery.join("s"));
        let _ = fs::remove_dir(&nursery);
        fs::DirBuilder::new().mode(0o700).create(&nursery)?;
        Ok(Nursery(nursery))
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        // What cannot be removed is found, and removed, the next time.
        let _ = fs::remove_file(self.0.join("s"));
        let _ = fs::remove_dir(&self.0);
    }
}

/// Removes a socket to which nobody listens; anything else at the path is an error.
fn remove_stale(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if !found.file_type().is_socket() {
        let text = "something that is not a socket is there";
        return Err(io::Error::new(ErrorKind::AlreadyExists, text));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "somebody listens there")),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

/// Refuses a directory in which others could put another socket in this one's place.
fn check_directory(directory: &Path, owner: u32) -> io::Result<()> {
    let found = fs::metadata(directory)?;
    let others_write = found.mode() & 0o022 != 0;
    let is_sticky = found.mode() & 0o1000 != 0;
    let is_trusted = found.uid() == owner || found.uid() == 0;
    if !is_trusted || (others_write && !is_sticky) {
        let text = format!("others can replace files in {}", directory.display());
        return Err(io::Error::new(ErrorKind::PermissionDenied, text));
    }
    Ok(())
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
