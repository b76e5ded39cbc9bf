//! Entries of files and paths.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use io_uring::squeue::Entry;
use io_uring::{opcode, types};
use polyloop_core::{Error, ErrorKind, FileSpec, Op, OpenSpec, Removal, Result, SyncScope};

use super::encode::{filled, storage};
use super::message::Message;
use super::status::WANTED;

/// Makes the entry of an op of a file or of paths. The addresses in it are of what is held.
pub(super) fn encode_file_op<'a>(
    op: &mut Op,
    fd: types::Fd,
    message: impl FnOnce() -> &'a mut Message,
) -> Result<Entry> {
    Ok(match op {
        Op::ReadAt { buffer, offset, .. } => {
            let (start, len) = storage(buffer.storage_mut());
            opcode::Read::new(fd, start, len).offset(*offset).build()
        }
        Op::WriteAt { buffer, offset, .. } => {
            let (start, len) = filled(buffer);
            opcode::Write::new(fd, start, len).offset(*offset).build()
        }
        Op::ReadVectoredAt { buffers, offset, .. } => {
            let (pieces, count) = message().scatter(buffers);
            opcode::Readv::new(fd, pieces, count).offset(*offset).build()
        }
        Op::WriteVectoredAt { buffers, offset, .. } => {
            let message = message();
            message.gather(buffers, 0);
            let (pieces, count) = message.pieces();
            opcode::Writev::new(fd, pieces, count).offset(*offset).build()
        }
        Op::Sync { scope, .. } => {
            let flags = match scope {
                SyncScope::All => types::FsyncFlags::empty(),
                SyncScope::Data => types::FsyncFlags::DATASYNC,
            };
            opcode::Fsync::new(fd).flags(flags).build()
        }
        Op::Truncate { len, .. } => opcode::Ftruncate::new(fd, *len).build(),
        Op::Stat { .. } => {
            let message = message();
            let [path, _] = message.keep_paths(Default::default());
            let status = message.status_mut().cast();
            opcode::Statx::new(fd, path, status).flags(libc::AT_EMPTY_PATH).mask(WANTED).build()
        }
        op => return encode_path_op(op, fd, message()),
    })
}

/// Makes the entry of an op of paths, which `here` is the directory of.
fn encode_path_op(op: &Op, here: types::Fd, message: &mut Message) -> Result<Entry> {
    let paths = op.paths();
    let c_string = |path: Option<&Path>| match path {
        None => Ok(CString::default()),
        Some(path) => CString::new(path.as_os_str().as_bytes())
            .map_err(|_| Error::new(ErrorKind::InvalidInput).attempting("a path with NUL")),
    };
    let [one, two] = message.keep_paths([c_string(paths[0])?, c_string(paths[1])?]);
    Ok(match op {
        Op::Open { spec } => {
            let OpenSpec::File(spec) = spec.as_ref() else {
                return Err(ErrorKind::Unsupported.into());
            };
            let (flags, mode) = (open_flags(spec)?, spec.mode.unwrap_or(0o666));
            opcode::OpenAt::new(here, one).flags(flags).mode(mode).build()
        }
        Op::StatPath { follow, .. } => {
            let flags = if *follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            let status = message.status_mut().cast();
            opcode::Statx::new(here, one, status).flags(flags).mask(WANTED).build()
        }
        Op::Rename { .. } => opcode::RenameAt::new(here, one, here, two).build(),
        Op::Remove { what, .. } => {
            let flags = match what {
                Removal::File => 0,
                Removal::EmptyDirectory => libc::AT_REMOVEDIR,
            };
            opcode::UnlinkAt::new(here, one).flags(flags).build()
        }
        Op::MakeDirectory { mode, .. } => opcode::MkDirAt::new(here, one).mode(*mode).build(),
        Op::Link { .. } => opcode::LinkAt::new(here, one, here, two).build(),
        Op::Symlink { .. } => opcode::SymlinkAt::new(here, one, two).build(),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

/// The flags that `std::fs::OpenOptions` would open with, and its refusals.
fn open_flags(spec: &FileSpec) -> Result<i32> {
    let access = match (spec.read, spec.write, spec.append) {
        (true, false, false) => libc::O_RDONLY,
        (false, true, false) => libc::O_WRONLY,
        (true, true, false) => libc::O_RDWR,
        (false, _, true) => libc::O_WRONLY | libc::O_APPEND,
        (true, _, true) => libc::O_RDWR | libc::O_APPEND,
        (false, false, false) => return Err(Error::from_errno(libc::EINVAL)),
    };
    let makes = spec.truncate || spec.create || spec.create_new;
    let contradicts = match (spec.write, spec.append) {
        (true, false) => false,
        (false, false) => makes,
        (_, true) => spec.truncate && !spec.create_new,
    };
    if contradicts {
        return Err(Error::from_errno(libc::EINVAL));
    }
    let creation = match (spec.create, spec.truncate, spec.create_new) {
        (false, false, false) => 0,
        (true, false, false) => libc::O_CREAT,
        (false, true, false) => libc::O_TRUNC,
        (true, true, false) => libc::O_CREAT | libc::O_TRUNC,
        (_, _, true) => libc::O_CREAT | libc::O_EXCL,
    };
    let custom = spec.custom_flags & !libc::O_ACCMODE;
    Ok(access | creation | custom | libc::O_CLOEXEC)
}
