//! A connection by the traits of futures-io.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::Op;

use super::stream::TcpStream;
use super::{read, write};

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        read::poll_read(&self.resource, cx, buf).map_err(io::Error::from)
    }
}

/// What is written is with the kernel, so flushing has nothing to do; closing ends the writing
/// direction, and reading goes on.
impl AsyncWrite for TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        write::poll_write(&self.resource, cx, bufs).map_err(io::Error::from)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let engine = self.resource.engine()?;
        engine.submit_and_forget(Op::Shutdown { key: self.resource.key(), how: Shutdown::Write });
        Poll::Ready(Ok(()))
    }
}
