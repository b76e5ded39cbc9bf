//! The one read path of a stream: take what is there, else watch for more.

use std::future::poll_fn;
use std::task::{Context, Poll};

use polyloop_core::{Chunk, EventLoop, Result};

use super::resource::Resource;
use crate::backend::Driver;
use crate::task::{Awaited, awaited};

/// Reads into a slice; zero at the end of the stream.
pub(crate) async fn read(resource: &Resource, buf: &mut [u8]) -> Result<usize> {
    poll_fn(|cx| poll_read(resource, cx, buf)).await
}

/// Reads a chunk that the loop received; nothing at the end of the stream.
pub(crate) async fn read_chunk(resource: &Resource) -> Result<Option<Chunk>> {
    let key = resource.key();
    poll_fn(|cx| poll_with(resource, cx, |driver| driver.try_recv_chunk(key))).await
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

fn poll_with<R>(
    resource: &Resource,
    cx: &mut Context<'_>,
    attempt: impl FnOnce(&mut Driver) -> Result<R>,
) -> Poll<Result<R>> {
    let engine = resource.engine()?;
    if !engine.spend() {
        cx.waker().wake_by_ref();
        awaited::note(Awaited::Turn);
        return Poll::Pending;
    }
    match engine.with_driver(attempt) {
        Err(error) if error.is_would_block() => {}
        result => return Poll::Ready(result),
    }
    resource.poll_watch(&engine, cx, |engine| engine.begin_readable(resource.key())).map(Err)
}
