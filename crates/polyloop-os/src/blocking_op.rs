//! Ops that a thread does, blocking, where nothing waits for them better.

use polyloop_core::{Error, ErrorKind, Metadata, Op, OpKind, OsHandle, Output, Result};

use crate::{Blocking, Opened};

/// What a blocking op gave.
#[derive(Debug)]
pub enum Gave {
    /// What was opened, for a loop to take on.
    Opened(OsHandle),
    /// What the op completes with.
    Output(Output),
}

/// Tells whether [`perform`] does ops of a kind: opening, and all that is about files and paths.
pub fn is_blocking_op(kind: OpKind) -> bool {
    matches!(
        kind,
        OpKind::Open
            | OpKind::ReadAt
            | OpKind::WriteAt
            | OpKind::ReadVectoredAt
            | OpKind::WriteVectoredAt
            | OpKind::Sync
            | OpKind::Truncate
            | OpKind::Stat
            | OpKind::StatPath
            | OpKind::Rename
            | OpKind::Remove
            | OpKind::MakeDirectory
            | OpKind::Link
            | OpKind::Symlink
    )
}

/// Does an op, waiting as long as it takes; `file` is the handle of its key, if it has one.
///
/// # Errors
///
/// The operating system's, saying what was attempted on which paths; *unsupported* for what is
/// no [blocking op](is_blocking_op), *stale* for one whose file is missing.
pub fn perform(op: &mut Op, file: Option<&OsHandle>) -> Result<Gave> {
    let attempted = on_paths(op).or_else(|| file.map(|file| on_file(op, file)));
    match attempted {
        Some(result) => result,
        None if is_blocking_op(op.kind()) => Err(ErrorKind::StaleKey.into()),
        None => Err(ErrorKind::Unsupported.into()),
    }
}

fn on_paths(op: &Op) -> Option<Result<Gave>> {
    let result = match op {
        Op::Open { spec } => {
            // It says itself what it attempts.
            return Some(match crate::open(spec, Blocking::No) {
                Ok(Opened::One(handle)) => Ok(Gave::Opened(handle)),
                Ok(Opened::Pair(..)) => Err(ErrorKind::Unsupported.into()),
                Err(error) => Err(error),
            });
        }
        Op::StatPath { path, follow } => crate::stat_path(path, *follow).map(metadata),
        Op::Rename { from, to } => crate::rename(from, to).map(done),
        Op::Remove { path, what } => crate::remove(path, *what).map(done),
        Op::MakeDirectory { path, mode } => crate::make_directory(path, *mode).map(done),
        Op::Link { original, link } => crate::link(original, link).map(done),
        Op::Symlink { target, link } => crate::symlink(target, link).map(done),
        _ => return None,
    };
    Some(result.map_err(|error| attempting(error, op)))
}

fn on_file(op: &mut Op, file: &OsHandle) -> Result<Gave> {
    match op {
        Op::ReadAt { buffer, offset, .. } => {
            let len = crate::read_at(file, buffer.storage_mut(), *offset)?;
            buffer.set_len(len);
            Ok(transferred(len))
        }
        Op::WriteAt { buffer, offset, .. } => {
            crate::write_at(file, buffer, *offset).map(transferred)
        }
        Op::ReadVectoredAt { buffers, offset, .. } => {
            crate::read_vectored_at(file, buffers, *offset).map(transferred)
        }
        Op::WriteVectoredAt { buffers, offset, .. } => {
            crate::write_vectored_at(file, buffers, *offset).map(transferred)
        }
        Op::Sync { scope, .. } => crate::sync(file, *scope).map(done),
        Op::Truncate { len, .. } => crate::truncate(file, *len).map(done),
        Op::Stat { .. } => crate::stat(file).map(metadata),
        _ => Err(ErrorKind::Unsupported.into()),
    }
}

fn attempting(error: Error, op: &Op) -> Error {
    match op.attempt_on_paths() {
        Some(what) => error.attempting(what),
        None => error,
    }
}

fn transferred(len: usize) -> Gave {
    Gave::Output(Output::Transferred(len))
}

fn done((): ()) -> Gave {
    Gave::Output(Output::Done)
}

fn metadata(found: Metadata) -> Gave {
    Gave::Output(Output::Metadata(Box::new(found)))
}
