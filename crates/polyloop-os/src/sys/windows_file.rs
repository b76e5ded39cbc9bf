use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use polyloop_core::{FileKind, FileSpec, Metadata};

/// There are no modes here, and no flags of open(2).
pub(crate) fn set_file_options(_: &mut OpenOptions, _: &FileSpec) {}

pub(crate) fn metadata(found: &fs::Metadata) -> Metadata {
    let mut metadata = Metadata::default();
    let kind = found.file_type();
    metadata.kind = match kind {
        _ if kind.is_file() => FileKind::Regular,
        _ if kind.is_dir() => FileKind::Directory,
        _ if kind.is_symlink() => FileKind::Symlink,
        _ => FileKind::Other,
    };
    metadata.len = found.len();
    metadata.mode = if found.permissions().readonly() { 0o444 } else { 0o666 };
    metadata.modified = found.modified().ok();
    metadata.accessed = found.accessed().ok();
    metadata.created = found.created().ok();
    metadata
}

pub(crate) fn make_directory(path: &Path, _: u32) -> io::Result<()> {
    fs::create_dir(path)
}

pub(crate) fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}
