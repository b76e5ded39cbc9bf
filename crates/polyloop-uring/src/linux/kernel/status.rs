use std::time::{Duration, SystemTime};

use polyloop_core::{FileKind, Metadata};

/// What is asked of statx(2): all that [`Metadata`] has.
pub(super) const WANTED: u32 = libc::STATX_BASIC_STATS | libc::STATX_BTIME;

/// Reads what statx(2) has told.
pub(super) fn metadata(status: &libc::statx) -> Metadata {
    let mode = u32::from(status.stx_mode);
    let mut metadata = Metadata::default();
    metadata.kind = match mode & libc::S_IFMT {
        libc::S_IFREG => FileKind::Regular,
        libc::S_IFDIR => FileKind::Directory,
        libc::S_IFLNK => FileKind::Symlink,
        libc::S_IFIFO => FileKind::Fifo,
        libc::S_IFSOCK => FileKind::Socket,
        libc::S_IFCHR => FileKind::CharacterDevice,
        libc::S_IFBLK => FileKind::BlockDevice,
        _ => FileKind::Other,
    };
    metadata.len = status.stx_size;
    metadata.mode = mode & 0o7777;
    metadata.modified = time(status, libc::STATX_MTIME, &status.stx_mtime);
    metadata.accessed = time(status, libc::STATX_ATIME, &status.stx_atime);
    metadata.created = time(status, libc::STATX_BTIME, &status.stx_btime);
    metadata.links = status.stx_nlink.into();
    metadata.uid = status.stx_uid;
    metadata.gid = status.stx_gid;
    metadata.device = libc::makedev(status.stx_dev_major, status.stx_dev_minor);
    metadata.inode = status.stx_ino;
    metadata
}

/// Gives a time, if the file system has told it.
fn time(status: &libc::statx, bit: u32, found: &libc::statx_timestamp) -> Option<SystemTime> {
    if status.stx_mask & bit == 0 {
        return None;
    }
    let seconds = Duration::from_secs(found.tv_sec.unsigned_abs());
    let whole = if found.tv_sec < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    };
    whole?.checked_add(Duration::from_nanos(found.tv_nsec.into()))
}
