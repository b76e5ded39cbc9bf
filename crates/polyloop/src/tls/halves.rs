use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::Result;

use super::channel::Channel;
use super::stream::TlsStream;
use crate::io::whole_reads;

/// The reading direction of a [`TlsStream`], lent by its `split`.
pub struct TlsReadHalf<'a, S> {
    channel: &'a RefCell<Channel<S>>,
}

/// The writing direction of a [`TlsStream`], lent by its `split`.
pub struct TlsWriteHalf<'a, S> {
    channel: &'a RefCell<Channel<S>>,
}

/// The reading direction of a [`TlsStream`], on its own.
pub struct TlsOwnedReadHalf<S> {
    channel: Rc<RefCell<Channel<S>>>,
}

/// The writing direction of a [`TlsStream`], on its own. Dropping it says nothing to the peer;
/// `shutdown` does.
pub struct TlsOwnedWriteHalf<S> {
    channel: Rc<RefCell<Channel<S>>>,
}

pub(super) fn split<S>(channel: &RefCell<Channel<S>>) -> (TlsReadHalf<'_, S>, TlsWriteHalf<'_, S>) {
    (TlsReadHalf { channel }, TlsWriteHalf { channel })
}

pub(super) fn into_split<S>(
    channel: Rc<RefCell<Channel<S>>>,
) -> (TlsOwnedReadHalf<S>, TlsOwnedWriteHalf<S>) {
    (TlsOwnedReadHalf { channel: channel.clone() }, TlsOwnedWriteHalf { channel })
}

pub(super) async fn read<S>(channel: &RefCell<Channel<S>>, buf: &mut [u8]) -> Result<usize>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    poll_fn(|cx| channel.borrow_mut().poll_read(cx, buf)).await
}

pub(super) async fn read_exact<S>(channel: &RefCell<Channel<S>>, buf: &mut [u8]) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let poll = |cx: &mut Context<'_>, buf: &mut [u8]| channel.borrow_mut().poll_read(cx, buf);
    whole_reads::read_exact(buf, poll, |error| error.attempting("read")).await
}

pub(super) async fn read_to_end<S>(
    channel: &RefCell<Channel<S>>,
    bytes: &mut Vec<u8>,
) -> Result<usize>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    whole_reads::read_to_end(bytes, |cx, buf| channel.borrow_mut().poll_read(cx, buf)).await
}

pub(super) async fn write_all<S>(channel: &RefCell<Channel<S>>, mut bytes: &[u8]) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let _writing = Writing(channel);
    while !bytes.is_empty() {
        let count = poll_fn(|cx| channel.borrow_mut().poll_write(cx, bytes)).await?;
        bytes = &bytes[count..];
    }
    poll_fn(|cx| channel.borrow_mut().poll_flush(cx)).await
}

pub(super) async fn shutdown<S>(channel: &RefCell<Channel<S>>) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let _writing = Writing(channel);
    poll_fn(|cx| channel.borrow_mut().poll_shutdown(cx)).await
}

/// A future that writes; when it is dropped, nobody waits to write.
struct Writing<'a, S>(&'a RefCell<Channel<S>>);

impl<S> Drop for Writing<'_, S> {
    fn drop(&mut self) {
        if let Ok(mut channel) = self.0.try_borrow_mut() {
            channel.forget_writer();
        }
    }
}

macro_rules! read_half {
    ($($half:ty),+) => {$(
        impl<S: AsyncRead + AsyncWrite + Unpin> $half {
            /// Reads as [`TlsStream::read`] does.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future reads nothing.
            pub async fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
                read(&self.channel, buf).await
            }

            /// Reads as [`TlsStream::read_exact`] does.
            ///
            /// # Cancel safety
            ///
            /// Not cancel-safe: what had been read is in `buf`, and nobody knows how much that is.
            pub async fn read_exact(&mut self, buf: &mut [u8]) -> Result<()> {
                read_exact(&self.channel, buf).await
            }

            /// Reads as [`TlsStream::read_to_end`] does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future leaves in `bytes` what had been read; nothing is lost.
            pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize> {
                read_to_end(&self.channel, bytes).await
            }
        }
    )+};
}

macro_rules! write_half {
    ($($half:ty),+) => {$(
        impl<S: AsyncRead + AsyncWrite + Unpin> $half {
            /// Writes as [`TlsStream::write_all`] does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future has written an unspecified part.
            pub async fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                write_all(&self.channel, bytes).await
            }

            /// Ends this direction, as [`TlsStream::shutdown`] does.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future may or may not have ended it.
            pub async fn shutdown(&mut self) -> Result<()> {
                shutdown(&self.channel).await
            }
        }
    )+};
}

macro_rules! async_read {
    ($($reader:ty),+) => {$(
        impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for $reader {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.channel.borrow_mut().poll_read(cx, buf).map_err(io::Error::from)
            }
        }
    )+};
}

macro_rules! async_write {
    ($($writer:ty),+) => {$(
        impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for $writer {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.channel.borrow_mut().poll_write(cx, bytes).map_err(io::Error::from)
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.channel.borrow_mut().poll_flush(cx).map_err(io::Error::from)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.channel.borrow_mut().poll_shutdown(cx).map_err(io::Error::from)
            }
        }
    )+};
}

macro_rules! opaque {
    ($($name:literal: $half:ty),+) => {$(
        impl<S> fmt::Debug for $half {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    )+};
}

read_half!(TlsReadHalf<'_, S>, TlsOwnedReadHalf<S>);
write_half!(TlsWriteHalf<'_, S>, TlsOwnedWriteHalf<S>);
async_read!(TlsStream<S>, TlsReadHalf<'_, S>, TlsOwnedReadHalf<S>);
async_write!(TlsStream<S>, TlsWriteHalf<'_, S>, TlsOwnedWriteHalf<S>);
opaque!(
    "TlsReadHalf": TlsReadHalf<'_, S>,
    "TlsWriteHalf": TlsWriteHalf<'_, S>,
    "TlsOwnedReadHalf": TlsOwnedReadHalf<S>,
    "TlsOwnedWriteHalf": TlsOwnedWriteHalf<S>
);
