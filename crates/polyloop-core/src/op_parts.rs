//! What an op says of itself.

use std::path::Path;

use crate::{Key, Op, OpenSpec, Removal, limits};

impl Op {
    /// Gives the resource that the op is about; [`Op::Open`], [`Op::Extension`] and the ops of
    /// [paths](Op::paths) have none.
    pub const fn key(&self) -> Option<Key> {
        match self {
            Op::Open { .. }
            | Op::StatPath { .. }
            | Op::Rename { .. }
            | Op::Remove { .. }
            | Op::MakeDirectory { .. }
            | Op::Link { .. }
            | Op::Symlink { .. }
            | Op::Extension { .. } => None,
            Op::Accept { key }
            | Op::AcceptMulti { key }
            | Op::Connect { key, .. }
            | Op::Recv { key, .. }
            | Op::RecvMulti { key }
            | Op::Send { key, .. }
            | Op::SendVectored { key, .. }
            | Op::SendFile { key, .. }
            | Op::RecvFrom { key, .. }
            | Op::SendTo { key, .. }
            | Op::Poll { key, .. }
            | Op::PollMulti { key, .. }
            | Op::Shutdown { key, .. }
            | Op::Close { key, .. }
            | Op::ReadAt { key, .. }
            | Op::WriteAt { key, .. }
            | Op::ReadVectoredAt { key, .. }
            | Op::WriteVectoredAt { key, .. }
            | Op::Truncate { key, .. }
            | Op::Stat { key }
            | Op::Sync { key, .. }
            | Op::AwaitExit { key }
            | Op::Detach { key } => Some(*key),
        }
    }

    /// Tells whether there is a resource that the op could be done with, or made of.
    ///
    /// Not so of an inward buffer without capacity, whose zero bytes would look like the end; of a
    /// poll that waits for nothing; of an offset above [`limits::OFFSET_MAX`], which systems take
    /// for "where the file is"; and of a path with a NUL in it, which no system can name. A
    /// loop completes such an op as [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn is_well_formed(&self) -> bool {
        match self {
            Op::Recv { buffer, .. } | Op::RecvFrom { buffer, .. } => buffer.capacity() > 0,
            Op::ReadAt { buffer, offset, .. } => {
                buffer.capacity() > 0 && *offset <= limits::OFFSET_MAX
            }
            Op::ReadVectoredAt { buffers, offset, .. } => {
                buffers.iter().any(|buffer| buffer.capacity() > 0) && *offset <= limits::OFFSET_MAX
            }
            Op::WriteAt { offset, .. } | Op::WriteVectoredAt { offset, .. } => {
                *offset <= limits::OFFSET_MAX
            }
            Op::Truncate { len, .. } => *len <= limits::OFFSET_MAX,
            Op::SendFile { offset, len, .. } => {
                offset.checked_add(*len as u64).is_some_and(|end| end <= limits::OFFSET_MAX)
            }
            Op::Poll { interest, .. } | Op::PollMulti { interest, .. } => !interest.is_none(),
            _ => {
                let has_nul = |path: &Path| path.as_os_str().as_encoded_bytes().contains(&0);
                !self.paths().into_iter().flatten().any(has_nul)
            }
        }
    }

    /// Gives the resource that the op needs besides [its own](Op::key): the file that is sent.
    ///
    /// It is stale, or does not fit, as the op's own is.
    pub const fn second_key(&self) -> Option<Key> {
        match self {
            Op::SendFile { file, .. } => Some(*file),
            _ => None,
        }
    }

    /// Gives the paths that the op names: of the file to open, or what is looked at, renamed,
    /// removed or made.
    pub fn paths(&self) -> [Option<&Path>; 2] {
        match self {
            Op::Open { spec } => match &**spec {
                OpenSpec::File(spec) => [Some(&spec.path), None],
                _ => [None, None],
            },
            Op::StatPath { path, .. }
            | Op::Remove { path, .. }
            | Op::MakeDirectory { path, .. } => [Some(path), None],
            Op::Rename { from, to } => [Some(from), Some(to)],
            Op::Link { original, link } => [Some(original), Some(link)],
            Op::Symlink { target, link } => [Some(target), Some(link)],
            _ => [None, None],
        }
    }

    /// Says what an op of a path attempts, for its error: `rename a to b`. Nothing for others.
    pub fn attempt_on_paths(&self) -> Option<String> {
        let (what, between) = match self {
            Op::Open { .. } => ("open", ""),
            Op::StatPath { .. } => ("look at", ""),
            Op::Rename { .. } => ("rename", "to"),
            Op::Remove { what: Removal::File, .. } => ("remove", ""),
            Op::Remove { what: Removal::EmptyDirectory, .. } => ("remove the directory", ""),
            Op::MakeDirectory { .. } => ("make the directory", ""),
            Op::Link { .. } => ("link", "as"),
            Op::Symlink { .. } => ("make a symbolic link to", "at"),
            _ => return None,
        };
        match self.paths() {
            [Some(one), Some(two)] => {
                Some(format!("{what} {} {between} {}", one.display(), two.display()))
            }
            [Some(one), None] => Some(format!("{what} {}", one.display())),
            _ => None,
        }
    }

    /// Tells whether the op can give completions marked *more* before its terminal one.
    pub const fn is_multishot(&self) -> bool {
        matches!(self, Op::AcceptMulti { .. } | Op::RecvMulti { .. } | Op::PollMulti { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Buffer;

    #[test]
    fn an_op_of_paths_says_what_it_attempts_and_refuses_nul() {
        let rename = |to: &str| Op::Rename { from: "a".into(), to: to.into() };
        assert_eq!(rename("b").attempt_on_paths().as_deref(), Some("rename a to b"));
        assert!(rename("b").is_well_formed() && !rename("b\0c").is_well_formed());
        let remove = Op::Remove { path: "a\0".into(), what: Removal::File };
        assert!(!remove.is_well_formed());
    }

    #[test]
    fn offsets_that_files_have_are_well_formed_and_others_are_not() {
        let key = Key::from_bits(1);
        let write = |offset| Op::WriteAt { key, buffer: Buffer::default(), offset };
        assert!(write(0).is_well_formed() && write(limits::OFFSET_MAX).is_well_formed());
        assert!(!write(limits::OFFSET_MAX + 1).is_well_formed());
        assert!(!write(u64::MAX).is_well_formed());
    }
}
