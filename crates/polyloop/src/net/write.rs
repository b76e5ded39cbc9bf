//! The one write path of a stream: what the loop takes at once, else owned pieces.

use std::future::poll_fn;
use std::io::IoSlice;
use std::task::{Context, Poll, ready};

use polyloop_core::{EventLoop, Key, Op, Output, Result};

use super::resource::Resource;
use crate::backend::Driver;
use crate::op_future::{OpFuture, wrong_answer};

/// Writes all of it.
pub(crate) async fn write_all(resource: &Resource, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        let bufs = [IoSlice::new(bytes)];
        let count =
            match poll_fn(|cx| poll_attempt(resource, cx, &bufs, Driver::try_send_soon)).await {
                Err(error) if error.is_would_block() => send_piece(resource, bytes).await?,
                result => result?,
            };
        bytes = &bytes[count..];
    }
    Ok(())
}

/// Writes what the kernel takes, waiting until it takes something.
pub(crate) fn poll_write(
    resource: &Resource,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<Result<usize>> {
    loop {
        match ready!(poll_attempt(resource, cx, bufs, attempt)) {
            Err(error) if error.is_would_block() => {}
            result => return Poll::Ready(result),
        }
        let room = resource.poll_room(&*resource.engine()?, cx);
        ready!(room).map_err(|error| resource.writing(error))?;
    }
}

/// Writes what the kernel takes of several slices.
pub(crate) async fn write_vectored(resource: &Resource, bufs: &[IoSlice<'_>]) -> Result<usize> {
    poll_fn(|cx| poll_write(resource, cx, bufs)).await
}

/// Writes all of several slices.
pub(crate) async fn write_all_vectored(
    resource: &Resource,
    mut bufs: &mut [IoSlice<'_>],
) -> Result<()> {
    // Past what is empty: nothing to write must not be taken for nothing written.
    IoSlice::advance_slices(&mut bufs, 0);
    while !bufs.is_empty() {
        let count = write_vectored(resource, bufs).await?;
        IoSlice::advance_slices(&mut bufs, count);
    }
    Ok(())
}

/// Tries once to write without waiting, and spends of the task's budget.
fn poll_attempt(
    resource: &Resource,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
    attempt: impl FnOnce(&mut Driver, Key, &[IoSlice<'_>]) -> Result<usize>,
) -> Poll<Result<usize>> {
    let engine = resource.engine()?;
    ready!(engine.poll_spend(cx));
    let sent = engine.with_driver(|driver| attempt(driver, resource.key(), bufs));
    Poll::Ready(sent.map_err(|error| resource.writing(error)))
}

/// Has the loop send soon, or directly what it will not take for that.
fn attempt(driver: &mut Driver, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
    match driver.try_send_soon(key, bufs) {
        Err(error) if error.is_would_block() => driver.try_send(key, bufs),
        result => result,
    }
}

/// Copies what fits into a buffer of the loop's, sends that, and tells how much it was.
async fn send_piece(resource: &Resource, bytes: &[u8]) -> Result<usize> {
    let mut buffer = resource.engine()?.lend_buffer();
    buffer.append(bytes);
    let op = Op::Send { key: resource.key(), buffer };
    let completion = OpFuture::new(resource.home(), op).await;
    if let Some(Op::Send { buffer, .. }) = completion.op
        && let Ok(engine) = resource.engine()
    {
        engine.return_buffer(buffer);
    }
    match completion.result.map_err(|error| resource.writing(error))? {
        Output::Transferred(count) => Ok(count),
        other => Err(wrong_answer(&other)),
    }
}
