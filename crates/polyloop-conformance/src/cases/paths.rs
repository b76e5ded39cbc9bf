use std::path::{Path, PathBuf};

use polyloop_core::{Buffer, ErrorKind, FileKind, Key, Metadata, Op, Output, Removal};

use crate::harness::{Harness, skip};
use crate::parts::Scratch;
use crate::rig::Rig;

/// Removes a second path when the case ends, however it ends.
struct Second(PathBuf);

impl Drop for Second {
    fn drop(&mut self) {
        // The model keeps its files in memory, so there may be none; it may be a directory.
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn told(rig: &mut Rig, op: Op) -> Metadata {
    match rig.ok(op).0 {
        Output::Metadata(metadata) => *metadata,
        other => panic!("looking at a file gave {other:?}"),
    }
}

fn told_of(rig: &mut Rig, path: &Path) -> Metadata {
    told(rig, Op::StatPath { path: path.into(), follow: true })
}

fn done(rig: &mut Rig, op: Op) {
    let name = op.kind().name();
    let (output, _) = rig.ok(op);
    assert!(matches!(output, Output::Done), "{name} gave {output:?}");
}

fn is_missing(rig: &mut Rig, path: &Path) -> bool {
    let op = Op::StatPath { path: path.into(), follow: false };
    rig.end_of(op).result.is_err_and(|error| error.io_kind() == std::io::ErrorKind::NotFound)
}

fn write(rig: &mut Rig, key: Key, bytes: &[u8]) {
    let ticket = rig.submit(Op::WriteAt { key, buffer: bytes.into(), offset: 0 });
    assert_eq!(rig.transferred(ticket).0, bytes.len(), "a small write is whole");
}

/// Vectored reads and writes of a file take their buffers in order.
pub(crate) fn vectored_ops_of_a_file_take_their_buffers_in_order(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let key = rig.file(&scratch);
    let buffers = vec![b"one "[..].into(), Buffer::default(), b"two"[..].into()];
    let (output, op) = rig.ok(Op::WriteVectoredAt { key, buffers, offset: 2 });
    assert!(matches!(output, Output::Transferred(7)), "writing seven bytes gave {output:?}");
    let Op::WriteVectoredAt { buffers, .. } = op else { panic!("the op comes back") };
    assert_eq!(&buffers[2][..], b"two", "the buffers come back");
    let room = [3, 0, 2, 100].map(Buffer::with_capacity).into();
    let (output, op) = rig.ok(Op::ReadVectoredAt { key, buffers: room, offset: 2 });
    assert!(matches!(output, Output::Transferred(7)), "reading seven bytes gave {output:?}");
    let Op::ReadVectoredAt { buffers, .. } = op else { panic!("the op comes back") };
    let read: Vec<&[u8]> = buffers.iter().map(|buffer| buffer.as_slice()).collect();
    assert_eq!(read, [&b"one"[..], b"", b" t", b"wo"], "the first buffers are filled first");
    let room = vec![Buffer::with_capacity(4)];
    let (output, _) = rig.ok(Op::ReadVectoredAt { key, buffers: room, offset: 9 });
    assert!(matches!(output, Output::Transferred(0)), "the end is zero bytes, not {output:?}");
}

/// Truncating cuts a file, or fills it up with zeros.
pub(crate) fn a_file_is_cut_and_filled_up(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let key = rig.file(&scratch);
    write(&mut rig, key, b"0123456789");
    done(&mut rig, Op::Truncate { key, len: 4 });
    assert_eq!(told(&mut rig, Op::Stat { key }).len, 4);
    done(&mut rig, Op::Truncate { key, len: 6 });
    let read = rig.submit(Op::ReadAt { key, buffer: Buffer::with_capacity(9), offset: 0 });
    assert_eq!(&rig.transferred(read).1[..], b"0123\0\0");
    let (error, _) = rig.err(Op::Truncate { key, len: 1 << 63 });
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "no file is that long");
}

/// An open file and its path are told alike.
pub(crate) fn an_open_file_and_its_path_are_told_alike(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let key = rig.file(&scratch);
    write(&mut rig, key, b"content");
    let by_key = told(&mut rig, Op::Stat { key });
    assert_eq!((by_key.kind, by_key.len), (FileKind::Regular, 7));
    let by_path = told_of(&mut rig, scratch.path());
    assert_eq!(
        (by_path.kind, by_path.len, by_path.inode, by_path.links, by_path.modified),
        (by_key.kind, by_key.len, by_key.inode, by_key.links, by_key.modified),
    );
    let directory = Second(scratch.beside("-directory"));
    done(&mut rig, Op::MakeDirectory { path: directory.0.clone(), mode: 0o700 });
    assert_eq!(told_of(&mut rig, &directory.0).kind, FileKind::Directory);
}

/// A renamed file has its new name only, in the place of what had it.
pub(crate) fn a_renamed_file_has_its_new_name_only(harness: &Harness) {
    let mut rig = harness.rig();
    let (scratch, other) = (Scratch::new(), Scratch::new());
    let key = rig.file(&scratch);
    write(&mut rig, key, b"kept");
    let replaced = rig.file(&other);
    rig.close(replaced);
    rig.close(key);
    done(&mut rig, Op::Rename { from: scratch.path().into(), to: other.path().into() });
    assert!(is_missing(&mut rig, scratch.path()), "the old name is gone");
    assert_eq!(told_of(&mut rig, other.path()).len, 4, "the new name names it");
}

/// What is removed is gone; only an empty directory can be.
pub(crate) fn what_is_removed_is_gone(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let directory = Second(scratch.beside("-directory"));
    let inside = Second(directory.0.join("inside"));
    let make = || Op::MakeDirectory { path: directory.0.clone(), mode: 0o777 };
    done(&mut rig, make());
    let (error, _) = rig.err(make());
    assert_eq!(error.io_kind(), std::io::ErrorKind::AlreadyExists);
    let spec = polyloop_core::FileSpec::create(&inside.0);
    let file = rig.open(polyloop_core::OpenSpec::File(spec));
    rig.close(file);
    let remove = |path: &Path, what| Op::Remove { path: path.into(), what };
    let (error, _) = rig.err(remove(&directory.0, Removal::EmptyDirectory));
    assert_eq!(error.io_kind(), std::io::ErrorKind::DirectoryNotEmpty, "{error}");
    rig.err(remove(&inside.0, Removal::EmptyDirectory));
    rig.err(remove(&directory.0, Removal::File));
    done(&mut rig, remove(&inside.0, Removal::File));
    assert!(is_missing(&mut rig, &inside.0), "a removed file is gone");
    done(&mut rig, remove(&directory.0, Removal::EmptyDirectory));
    assert!(is_missing(&mut rig, &directory.0), "a removed directory is gone");
}

/// A second name names the same file.
pub(crate) fn a_second_name_names_the_same_file(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let second = Second(scratch.beside("-second"));
    let key = rig.file(&scratch);
    done(&mut rig, Op::Link { original: scratch.path().into(), link: second.0.clone() });
    write(&mut rig, key, b"shared");
    let (one, two) = (told_of(&mut rig, scratch.path()), told_of(&mut rig, &second.0));
    assert_eq!((two.len, two.inode, two.links), (6, one.inode, one.links));
    assert!(matches!(two.links, 0 | 2), "there are two names, or nobody counts: {}", two.links);
    let link = Op::Link { original: scratch.path().into(), link: second.0.clone() };
    assert_eq!(rig.err(link).0.io_kind(), std::io::ErrorKind::AlreadyExists);
}

/// A symbolic link is followed or told about itself, as asked.
pub(crate) fn a_symbolic_link_is_followed_or_not(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let second = Second(scratch.beside("-symbolic"));
    let key = rig.file(&scratch);
    write(&mut rig, key, b"target");
    let link = Op::Symlink { target: scratch.path().into(), link: second.0.clone() };
    match rig.end_of(link).result {
        Ok(output) => assert!(matches!(output, Output::Done), "symlink gave {output:?}"),
        // On Windows only administrators and developers may.
        Err(error) if cfg!(windows) => skip(error.to_string()),
        Err(error) => panic!("a symbolic link could not be made: {error}"),
    }
    let look = |follow| Op::StatPath { path: second.0.clone(), follow };
    let followed = told(&mut rig, look(true));
    assert_eq!((followed.kind, followed.len), (FileKind::Regular, 6));
    assert_eq!(told(&mut rig, look(false)).kind, FileKind::Symlink);
}

/// An op of paths that fails names them, keeps the system's number and comes back.
pub(crate) fn a_failing_op_of_paths_names_them(harness: &Harness) {
    let mut rig = harness.rig();
    let (scratch, other) = (Scratch::new(), Scratch::new());
    let (path, to) = (scratch.path().to_owned(), other.path().to_owned());
    let ops = [
        Op::StatPath { path: path.clone(), follow: true },
        Op::Rename { from: path.clone(), to: to.clone() },
        Op::Remove { path: path.clone(), what: Removal::File },
        Op::Remove { path: path.clone(), what: Removal::EmptyDirectory },
        Op::Link { original: path.clone(), link: to.clone() },
    ];
    for op in ops {
        let (kind, paths) = (op.kind(), op.paths().map(|path| path.map(Path::to_owned)));
        let (error, op) = rig.err(op);
        assert_eq!(error.io_kind(), std::io::ErrorKind::NotFound, "{}", kind.name());
        assert!(error.raw_os_error().is_some(), "the system's number is kept: {error:?}");
        for path in paths.iter().flatten() {
            let path = path.display().to_string();
            assert!(error.to_string().contains(&path), "{error} does not say {path}");
        }
        let back = op.paths().map(|path| path.map(Path::to_owned));
        assert_eq!((op.kind(), back), (kind, paths), "the op comes back");
    }
}
