use std::time::SystemTime;

/// What is known of a file, directory or other named thing.
///
/// The same fields everywhere: what a system does not have is zero or nothing. `Default` is a file
/// of which nothing is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// How long it is, in bytes; of anything but a file, what the system says.
    pub len: u64,
    /// Its permissions, as the lower twelve bits of a Unix mode. On Windows 0o444 of what is
    /// read-only, else 0o666.
    pub mode: u32,
    /// When its content was changed last.
    pub modified: Option<SystemTime>,
    /// When it was read last, as far as the file system keeps that.
    pub accessed: Option<SystemTime>,
    /// When it was made.
    pub created: Option<SystemTime>,
    /// How many names it has; zero if that is not known.
    pub links: u64,
    /// Whose it is, on Unix.
    pub uid: u32,
    /// Which group's it is, on Unix.
    pub gid: u32,
    /// Which device it is on, on Unix: with `inode`, what tells files apart.
    pub device: u64,
    /// Its number on that device, on Unix.
    pub inode: u64,
}

/// What a path or a handle names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link, of which one asked without following it.
    Symlink,
    /// A pipe with a name, or without.
    Fifo,
    /// A socket.
    Socket,
    /// A device of characters, such as a terminal.
    CharacterDevice,
    /// A device of blocks, such as a disk.
    BlockDevice,
    /// Something else.
    #[default]
    Other,
}

impl Metadata {
    /// Tells whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == FileKind::Regular
    }

    /// Tells whether it is a directory.
    pub fn is_dir(&self) -> bool {
        self.kind == FileKind::Directory
    }

    /// Tells whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.kind == FileKind::Symlink
    }

    /// Tells whether nobody may write to it, by its permissions alone.
    pub fn is_readonly(&self) -> bool {
        self.mode & 0o222 == 0
    }
}
