use std::fs;
use std::path::Path;

use polyloop_core::{Metadata, Removal, Result};

use crate::sys;

/// Tells about what a path names; may wait for the device, as all of this file does.
pub fn stat_path(path: &Path, follow: bool) -> Result<Metadata> {
    let found = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
    Ok(sys::metadata(&found?))
}

/// Renames, in the place of what has the new name.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    Ok(fs::rename(from, to)?)
}

/// Removes a name.
pub fn remove(path: &Path, what: Removal) -> Result<()> {
    Ok(match what {
        Removal::File => fs::remove_file(path),
        Removal::EmptyDirectory => fs::remove_dir(path),
    }?)
}

/// Makes a directory.
pub fn make_directory(path: &Path, mode: u32) -> Result<()> {
    Ok(sys::make_directory(path, mode)?)
}

/// Gives a file a second name.
pub fn link(original: &Path, link: &Path) -> Result<()> {
    Ok(fs::hard_link(original, link)?)
}

/// Makes a symbolic link.
pub fn symlink(target: &Path, link: &Path) -> Result<()> {
    Ok(sys::symlink(target, link)?)
}
