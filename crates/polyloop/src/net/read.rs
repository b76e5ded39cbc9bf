//! The one read path of a stream: take what is there, else watch for more.

use std::future::poll_fn;
use std::io::IoSliceMut;
use std::task::{Context, Poll, ready};

use polyloop_core::{Chunk, EventLoop, Result};

use super::resource::Resource;
use crate::backend::Driver;
use crate::io::whole_reads;

/// Reads into a slice; zero at the end of the stream.
///
/// This and the other futures of one step are not `async fn`s: those would keep each argument twice, in every
/// task that waits.
pub(crate) fn read(resource: &Resource, buf: &mut [u8]) -> impl Future<Output = Result<usize>> {
    poll_fn(move |cx| poll_read(resource, cx, buf))
}

/// Reads a chunk that the loop received; nothing at the end of the stream.
pub(crate) fn read_chunk(resource: &Resource) -> impl Future<Output = Result<Option<Chunk>>> {
    poll_fn(move |cx| poll_with(resource, cx, |driver| driver.try_recv_chunk(resource.key())))
}

/// Reads into a slice, for who polls; zero at the end of the stream.
pub(crate) fn poll_read(
    resource: &Resource,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<Result<usize>> {
    if buf.is_empty() {
        return Poll::Ready(Ok(0));
    }
    poll_with(resource, cx, |driver| driver.try_recv(resource.key(), buf))
}

/// Reads into several slices; zero at the end of the stream.
pub(crate) async fn read_vectored(
    resource: &Resource,
    bufs: &mut [IoSliceMut<'_>],
) -> Result<usize> {
    poll_fn(|cx| poll_read_vectored(resource, cx, bufs)).await
}

/// Reads into several slices, for who polls; zero at the end of the stream.
pub(crate) fn poll_read_vectored(
    resource: &Resource,
    cx: &mut Context<'_>,
    bufs: &mut [IoSliceMut<'_>],
) -> Poll<Result<usize>> {
    if bufs.iter().all(|buf| buf.is_empty()) {
        return Poll::Ready(Ok(0));
    }
    poll_with(resource, cx, |driver| driver.try_recv_vectored(resource.key(), bufs))
}

/// Reads as much as the slice holds, or fails.
pub(crate) async fn read_exact(resource: &Resource, buf: &mut [u8]) -> Result<()> {
    let poll = |cx: &mut Context<'_>, buf: &mut [u8]| poll_read(resource, cx, buf);
    whole_reads::read_exact(buf, poll, |error| resource.reading(error)).await
}

/// Reads to the end, behind what is there.
pub(crate) async fn read_to_end(resource: &Resource, bytes: &mut Vec<u8>) -> Result<usize> {
    let before = bytes.len();
    while let Some(chunk) = read_chunk(resource).await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.len() - before)
}

/// Looks at what a read would give.
pub(crate) async fn peek(resource: &Resource, buf: &mut [u8]) -> Result<usize> {
    if buf.is_empty() {
        return Ok(0);
    }
    let key = resource.key();
    poll_fn(|cx| poll_with(resource, cx, |driver| driver.try_peek(key, buf))).await
}

fn poll_with<R>(
    resource: &Resource,
    cx: &mut Context<'_>,
    attempt: impl FnOnce(&mut Driver) -> Result<R>,
) -> Poll<Result<R>> {
    let engine = resource.engine()?;
    ready!(engine.poll_spend(cx));
    resource.receive_ahead(&engine);
    let error = match engine.with_driver(attempt) {
        Ok(given) => return Poll::Ready(Ok(given)),
        Err(error) if error.is_would_block() => {
            ready!(resource.poll_watch(&engine, cx, |engine| engine.begin_readable(resource.key())))
        }
        Err(error) => error,
    };
    Poll::Ready(Err(resource.reading(error)))
}
