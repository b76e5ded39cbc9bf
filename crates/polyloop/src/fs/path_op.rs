use std::path::{Path, PathBuf};

use polyloop_core::{Error, ErrorKind, Metadata, Op, Output, Result};

use crate::engine;
use crate::executor::to_thread;
use crate::op_future::{OpFuture, wrong_answer};

/// Does an op of paths; what the backend does not know it says.
pub(super) async fn path_op(op: Op) -> Result<Output> {
    check_paths(&op)?;
    let home = engine::current().ok_or_else(engine::not_running)?.id;
    OpFuture::new(home, op).await.result
}

/// Does an op of paths that gives nothing.
pub(super) async fn path_done(op: Op) -> Result<()> {
    path_op(op).await.map(drop)
}

/// Refuses a path with NUL, which no system can name, and says which.
pub(super) fn check_paths(op: &Op) -> Result<()> {
    let has_nul = |path: &&Path| path.as_os_str().as_encoded_bytes().contains(&0);
    match op.paths().into_iter().flatten().find(has_nul) {
        None => Ok(()),
        Some(path) => Err(nul_in(op.kind().name(), path)),
    }
}

fn nul_in(attempt: &str, path: &Path) -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting(format_args!("{attempt} {path:?}: a path has no NUL in it"))
}

/// Takes what is known of a file out of what an op gave.
pub(super) fn metadata_of(output: Output) -> Result<Metadata> {
    match output {
        Output::Metadata(metadata) => Ok(*metadata),
        other => Err(wrong_answer(&other)),
    }
}

/// Has a thread of the default executor do something with a path.
pub(super) async fn on_thread<T: Send + 'static>(
    attempt: &'static str,
    path: PathBuf,
    call: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    engine::current().ok_or_else(engine::not_running)?;
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(nul_in(attempt, &path));
    }
    let work = move || {
        call(&path).map_err(|error| {
            Error::from(error).attempting(format_args!("{attempt} {}", path.display()))
        })
    };
    match to_thread(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::other(error).attempting(attempt)),
    }
}
