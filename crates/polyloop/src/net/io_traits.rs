//! The traits of futures-io for what has a field `resource` of a stream.

macro_rules! impl_read {
    ($stream:ty) => {
        /// As its `read`: dropping whoever polls loses nothing.
        impl futures_io::AsyncRead for $stream {
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                $crate::net::read::poll_read(&self.resource, cx, buf).map_err(std::io::Error::from)
            }

            fn poll_read_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                $crate::net::read::poll_read_vectored(&self.resource, cx, bufs)
                    .map_err(std::io::Error::from)
            }
        }
    };
}

macro_rules! impl_write {
    ($stream:ty) => {
        /// What is written is with the kernel, so flushing has nothing to do. Closing ends the
        /// writing direction: the peer reads to the end.
        impl futures_io::AsyncWrite for $stream {
            fn poll_write(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bytes: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                self.poll_write_vectored(cx, &[std::io::IoSlice::new(bytes)])
            }

            fn poll_write_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                $crate::net::write::poll_write(&self.resource, cx, bufs)
                    .map_err(std::io::Error::from)
            }

            fn poll_flush(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(Ok(()))
            }

            fn poll_close(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(
                    $crate::net::halves::end_writing(&self.resource).map_err(std::io::Error::from),
                )
            }
        }
    };
}

pub(super) use impl_read;
pub(super) use impl_write;
