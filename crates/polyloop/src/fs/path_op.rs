use std::path::{Path, PathBuf};

use polyloop_core::{Error, ErrorKind, Metadata, Op, Output, Result};
use polyloop_os::Gave;

use crate::engine;
use crate::executor::to_thread;
use crate::net::resource::Resource;
use crate::op_future::{OpFuture, wrong_answer};

/// Does an op of paths; what the backend does not know a thread does.
pub(super) async fn path_op(op: Op) -> Result<Output> {
    match path_gave(op).await? {
        Gave::Output(output) => Ok(output),
        Gave::Opened(_) => Err(ErrorKind::Unsupported.into()),
    }
}

/// Opens a file in the running loop; if that knows no such op, a thread does, and the loop takes what it
/// gave.
pub(super) async fn opened_file(op: Op) -> Result<Resource> {
    let attempt = op.attempt_on_paths();
    let home = engine::current().ok_or_else(engine::not_running)?.id;
    match path_gave(op).await? {
        Gave::Output(Output::Opened(key)) => Ok(Resource::new(home, key)),
        Gave::Output(other) => Err(wrong_answer(&other)),
        Gave::Opened(handle) => Resource::attach(handle)
            .map_err(|error| error.attempting(attempt.as_deref().unwrap_or("open a file"))),
    }
}

/// Does an op of paths by the backend, or else by a thread.
async fn path_gave(op: Op) -> Result<Gave> {
    check_paths(&op)?;
    let home = engine::current().ok_or_else(engine::not_running)?.id;
    let completion = OpFuture::new(home, op).await;
    let error = match completion.result {
        Ok(output) => return Ok(Gave::Output(output)),
        Err(error) => error,
    };
    match completion.op {
        Some(mut op) if error.kind() == ErrorKind::Unsupported => {
            to_thread(move || polyloop_os::perform(&mut op, None)).await.map_err(Error::other)?
        }
        _ => Err(error),
    }
}

/// Does an op of paths that gives nothing.
pub(super) async fn path_done(op: Op) -> Result<()> {
    path_op(op).await.map(drop)
}

/// Refuses a path with NUL, which no system can name, and says which.
fn check_paths(op: &Op) -> Result<()> {
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
