use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use polyloop_core::{FileKind, FileSpec, Metadata};

pub(crate) fn set_file_options(options: &mut OpenOptions, spec: &FileSpec) {
    if let Some(mode) = spec.mode {
        options.mode(mode);
    }
    options.custom_flags(spec.custom_flags);
}

pub(crate) fn metadata(found: &fs::Metadata) -> Metadata {
    let mut metadata = Metadata::default();
    metadata.kind = kind(found.file_type());
    metadata.len = found.len();
    metadata.mode = found.mode() & 0o7777;
    metadata.modified = found.modified().ok();
    metadata.accessed = found.accessed().ok();
    metadata.created = found.created().ok();
    metadata.links = found.nlink();
    metadata.uid = found.uid();
    metadata.gid = found.gid();
    metadata.device = found.dev();
    metadata.inode = found.ino();
    metadata
}

fn kind(found: fs::FileType) -> FileKind {
    match found {
        _ if found.is_file() => FileKind::Regular,
        _ if found.is_dir() => FileKind::Directory,
        _ if found.is_symlink() => FileKind::Symlink,
        _ if found.is_fifo() => FileKind::Fifo,
        _ if found.is_socket() => FileKind::Socket,
        _ if found.is_char_device() => FileKind::CharacterDevice,
        _ if found.is_block_device() => FileKind::BlockDevice,
        _ => FileKind::Other,
    }
}

pub(crate) fn make_directory(path: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().mode(mode).create(path)
}

pub(crate) fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}
