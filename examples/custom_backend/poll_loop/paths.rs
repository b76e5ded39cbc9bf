//! Files and paths: done at once, blocking. A loop that minds would have threads do them.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt};

use polyloop_core::{
    Buffer, Error, ErrorKind, FileKind, Metadata, Op, OsHandle, Output, Removal, Result,
};

use super::system;

/// Does an op of paths.
pub(super) fn do_path_op(op: &Op) -> Result<Output> {
    let result = match op {
        Op::StatPath { path, follow: true } => fs::metadata(path).map(told),
        Op::StatPath { path, follow: false } => fs::symlink_metadata(path).map(told),
        Op::Rename { from, to } => fs::rename(from, to).map(done),
        Op::Remove { path, what: Removal::File } => fs::remove_file(path).map(done),
        Op::Remove { path, what: Removal::EmptyDirectory } => fs::remove_dir(path).map(done),
        Op::MakeDirectory { path, mode } => DirBuilder::new().mode(*mode).create(path).map(done),
        Op::Link { original, link } => fs::hard_link(original, link).map(done),
        Op::Symlink { target, link } => std::os::unix::fs::symlink(target, link).map(done),
        _ => return Err(ErrorKind::Unsupported.into()),
    };
    result.map_err(|error| {
        let error = Error::from(error);
        match op.attempt_on_paths() {
            Some(what) => error.attempting(what),
            None => error,
        }
    })
}

/// Does an op of an open file that is more than one read or write.
pub(super) fn do_file_op(op: &mut Op, handle: &OsHandle) -> Result<Output> {
    let OsHandle::File(file) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    match op {
        Op::Truncate { len, .. } => Ok(file.set_len(*len).map(done)?),
        Op::Stat { .. } => Ok(file.metadata().map(told)?),
        Op::ReadVectoredAt { buffers, offset, .. } => read(handle, buffers, *offset),
        Op::WriteVectoredAt { buffers, offset, .. } => {
            let bytes: Vec<u8> =
                buffers.iter().flat_map(|buffer| buffer.as_slice()).copied().collect();
            system::write_at(handle, &bytes, *offset).map(Output::Transferred)
        }
        _ => Err(ErrorKind::Unsupported.into()),
    }
}

fn read(handle: &OsHandle, buffers: &mut [Buffer], offset: u64) -> Result<Output> {
    let capacity = buffers.iter().map(Buffer::capacity).sum();
    let mut bytes = vec![0; capacity];
    let len = system::read_at(handle, &mut bytes, offset)?;
    let mut rest = &bytes[..len];
    for buffer in buffers {
        buffer.clear();
        rest = &rest[buffer.append(rest)..];
    }
    Ok(Output::Transferred(len))
}

fn done((): ()) -> Output {
    Output::Done
}

fn told(found: fs::Metadata) -> Output {
    let kind = found.file_type();
    let mut metadata = Metadata::default();
    metadata.kind = match kind {
        _ if kind.is_file() => FileKind::Regular,
        _ if kind.is_dir() => FileKind::Directory,
        _ if kind.is_symlink() => FileKind::Symlink,
        _ if kind.is_fifo() => FileKind::Fifo,
        _ if kind.is_socket() => FileKind::Socket,
        _ if kind.is_char_device() => FileKind::CharacterDevice,
        _ => FileKind::Other,
    };
    (metadata.len, metadata.mode) = (found.len(), found.mode() & 0o7777);
    (metadata.modified, metadata.accessed) = (found.modified().ok(), found.accessed().ok());
    metadata.created = found.created().ok();
    (metadata.links, metadata.uid, metadata.gid) = (found.nlink(), found.uid(), found.gid());
    (metadata.device, metadata.inode) = (found.dev(), found.ino());
    Output::Metadata(Box::new(metadata))
}
