//! The traits of futures-io, for generic code.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};
use polyloop_core::limits;

use super::reader::StreamReader;
use super::writer::StreamWriter;

impl AsyncRead for StreamReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_into(cx, buf).map_err(Into::into)
    }
}

impl AsyncBufRead for StreamReader {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.poll_buffered(cx))?;
        Poll::Ready(Ok(this.buffer.as_slice()))
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        self.buffer.consume(count);
    }
}

/// Takes bytes while no more is kept than the marks allow; flushing waits until the system has taken
/// everything, closing ends this direction after that.
impl AsyncWrite for StreamWriter {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.wire().poll_drain_writer(cx))?;
        let count = buf.len().min(limits::WRITE_PIECE);
        self.write(&buf[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.wire().poll_drain_writer(cx))?;
        let mut room = limits::WRITE_PIECE;
        let pieces = bufs.iter().map_while(|buf| {
            let count = buf.len().min(room);
            room -= count;
            (count > 0 || buf.is_empty()).then(|| &buf[..count])
        });
        let pieces: Vec<&[u8]> = pieces.collect();
        let count = pieces.iter().map(|piece| piece.len()).sum();
        self.writelines(pieces);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire().poll_flush(cx).map_err(Into::into)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write_eof();
        self.poll_flush(cx)
    }
}
