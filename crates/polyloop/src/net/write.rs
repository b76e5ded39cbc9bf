//! The one write path of a stream: what the loop takes at once, else owned pieces.

use std::future::poll_fn;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use polyloop_core::{Completion, EventLoop, Key, Op, Output, Result};

use super::resource::Resource;
use crate::backend::Driver;
use crate::engine::{Begun, Engine, WaitId};
use crate::op_future::wrong_answer;

/// Writes all of it.
pub(crate) fn write_all<'r, 'b>(resource: &'r Resource, bytes: &'b [u8]) -> WriteAll<'r, 'b> {
    WriteAll { resource, bytes, sending: None, waits: false }
}

/// Writing bytes of which some are left; of those a piece that the loop has may be `sending`.
///
/// It is no `async fn` because every task that waits has room for it: of that one it would be several
/// times as much.
pub(crate) struct WriteAll<'r, 'b> {
    resource: &'r Resource,
    bytes: &'b [u8],
    sending: Option<WaitId>,
    /// The kernel has not taken all at once. What is left is sent so that it is known to be taken: a peer that is
    /// slow may not take what is sent soon before the program ends.
    waits: bool,
}

impl Future for WriteAll<'_, '_> {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let engine = self.resource.engine()?;
        if self.waits || self.sending.is_some() || self.bytes.is_empty() {
            return self.poll_on(&engine, cx);
        }
        // Mostly all is taken at once.
        ready!(engine.poll_spend(cx));
        let bufs = [IoSlice::new(self.bytes)];
        let sent = engine.with_driver(|driver| driver.try_send_soon(self.resource.key(), &bufs));
        match sent {
            Ok(count) if count == self.bytes.len() => {
                self.bytes = &[];
                Poll::Ready(Ok(()))
            }
            sent => self.poll_more(&engine, cx, sent),
        }
    }
}

impl WriteAll<'_, '_> {
    /// Goes on behind what the loop has taken at once, if it has taken something.
    #[cold]
    fn poll_more(
        &mut self,
        engine: &Engine,
        cx: &mut Context<'_>,
        taken: Result<usize>,
    ) -> Poll<Result<()>> {
        let count = match taken {
            Err(error) if error.is_would_block() => ready!(self.poll_piece(engine, cx)),
            taken => taken.map_err(|error| self.resource.writing(error)),
        };
        self.bytes = &self.bytes[count?..];
        self.waits = true;
        self.poll_on(engine, cx)
    }

    /// Sends what is left, if something is, and waits for it.
    #[cold]
    fn poll_on(&mut self, engine: &Engine, cx: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            let count = match self.sending {
                Some(wait) => ready!(self.poll_sent(engine, cx, wait)),
                None if self.bytes.is_empty() => return Poll::Ready(Ok(())),
                None => match ready!(self.poll_step(engine, cx)) {
                    Err(error) if error.is_would_block() => ready!(self.poll_piece(engine, cx)),
                    result => result,
                },
            };
            self.bytes = &self.bytes[count?..];
            self.waits = true;
        }
    }

    /// Has the kernel take at once what it takes, and tells how much it was.
    fn poll_step(&self, engine: &Engine, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        let bufs = [IoSlice::new(self.bytes)];
        poll_attempt(self.resource, engine, cx, &bufs, Driver::try_send)
    }

    /// Copies what fits into a buffer of the loop's, and sends that.
    fn poll_piece(&mut self, engine: &Engine, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        ready!(engine.poll_spend(cx));
        let mut buffer = engine.lend_buffer();
        buffer.append(self.bytes);
        match engine.begin(Op::Send { key: self.resource.key(), buffer }) {
            Begun::Done(completion) => Poll::Ready(self.sent(engine, completion)),
            Begun::Waiting(wait) => {
                self.sending = Some(wait);
                self.poll_sent(engine, cx, wait)
            }
        }
    }

    fn poll_sent(
        &mut self,
        engine: &Engine,
        cx: &mut Context<'_>,
        wait: WaitId,
    ) -> Poll<Result<usize>> {
        match engine.take_completion(wait, cx.waker()) {
            None => Poll::Pending,
            Some(completion) => {
                self.sending = None;
                Poll::Ready(self.sent(engine, completion))
            }
        }
    }

    /// Gives the buffer back, and how much of it was sent.
    fn sent(&self, engine: &Engine, completion: Completion) -> Result<usize> {
        if let Some(Op::Send { buffer, .. }) = completion.op {
            engine.return_buffer(buffer);
        }
        match completion.result.map_err(|error| self.resource.writing(error))? {
            Output::Transferred(count) => Ok(count),
            other => Err(wrong_answer(&other)),
        }
    }
}

impl Drop for WriteAll<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(wait) = self.sending {
            give_up(self.resource, wait);
        }
    }
}

/// Gives up waiting for a piece.
#[cold]
fn give_up(resource: &Resource, wait: WaitId) {
    if let Ok(engine) = resource.engine() {
        engine.abandon(wait);
    }
}

/// Writes what the kernel takes, waiting until it takes something.
pub(crate) fn poll_write(
    resource: &Resource,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<Result<usize>> {
    let engine = resource.engine()?;
    loop {
        match ready!(poll_attempt(resource, &engine, cx, bufs, attempt)) {
            Err(error) if error.is_would_block() => {}
            result => return Poll::Ready(result),
        }
        let room = resource.poll_room(&engine, cx);
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
    engine: &Engine,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
    attempt: impl FnOnce(&mut Driver, Key, &[IoSlice<'_>]) -> Result<usize>,
) -> Poll<Result<usize>> {
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
