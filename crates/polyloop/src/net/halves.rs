use std::io::IoSlice;
use std::net::Shutdown;
use std::rc::Rc;

use polyloop_core::{Chunk, Op, Result};

use super::resource::Resource;
use super::{io_traits, read, write};
use crate::op_future::OpFuture;

/// The reading direction of a stream socket, lent by its `split`.
#[derive(Debug)]
pub struct ReadHalf<'a> {
    resource: &'a Resource,
}

/// The writing direction of a stream socket, lent by its `split`.
#[derive(Debug)]
pub struct WriteHalf<'a> {
    pub(super) resource: &'a Resource,
}

/// The reading direction of a stream socket, on its own.
#[derive(Debug)]
pub struct OwnedReadHalf {
    resource: Rc<Resource>,
}

/// The writing direction of a stream socket, on its own. Dropping it ends that
/// direction, after what was written.
#[derive(Debug)]
pub struct OwnedWriteHalf {
    pub(super) resource: Rc<Resource>,
}

pub(super) fn split(resource: &Resource) -> (ReadHalf<'_>, WriteHalf<'_>) {
    (ReadHalf { resource }, WriteHalf { resource })
}

pub(super) fn into_split(resource: Resource) -> (OwnedReadHalf, OwnedWriteHalf) {
    let resource = Rc::new(resource);
    (OwnedReadHalf { resource: resource.clone() }, OwnedWriteHalf { resource })
}

pub(super) async fn shutdown(resource: &Resource, how: Shutdown) -> Result<()> {
    let op = Op::Shutdown { key: resource.key(), how };
    let completion = OpFuture::new(resource.home(), op).await;
    completion.result.map(drop).map_err(|error| resource.saying("shut down", error))
}

/// Ends the writing direction behind what was written, without waiting for it or its error.
pub(super) fn end_writing(resource: &Resource) -> Result<()> {
    let op = Op::Shutdown { key: resource.key(), how: Shutdown::Write };
    resource.engine()?.submit_and_forget(op);
    Ok(())
}

macro_rules! read_half {
    ($($half:ty),+) => {$(
        impl $half {
            /// Reads as [`TcpStream::read`](crate::TcpStream::read) does.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::read`](crate::TcpStream::read).
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future reads nothing.
            pub fn read(&mut self, buf: &mut [u8]) -> impl Future<Output = Result<usize>> {
                read::read(&self.resource, buf)
            }

            /// Reads as [`TcpStream::read_chunk`](crate::TcpStream::read_chunk) does.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::read_chunk`](crate::TcpStream::read_chunk).
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future reads nothing.
            pub fn read_chunk(&mut self) -> impl Future<Output = Result<Option<Chunk>>> {
                read::read_chunk(&self.resource)
            }

            /// Reads as [`TcpStream::read_exact`](crate::TcpStream::read_exact) does.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::read_exact`](crate::TcpStream::read_exact).
            ///
            /// # Cancel safety
            ///
            /// Not cancel-safe: what had been read is in `buf`, and nobody knows how much that is.
            pub async fn read_exact(&mut self, buf: &mut [u8]) -> Result<()> {
                read::read_exact(&self.resource, buf).await
            }

            /// Reads as [`TcpStream::read_to_end`](crate::TcpStream::read_to_end) does.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::read_to_end`](crate::TcpStream::read_to_end).
            ///
            /// # Cancel safety
            ///
            /// Dropping the future leaves in `bytes` what had been read; nothing is lost.
            pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize> {
                read::read_to_end(&self.resource, bytes).await
            }

            /// Looks as [`TcpStream::peek`](crate::TcpStream::peek) does.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::peek`](crate::TcpStream::peek).
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: it takes nothing.
            pub async fn peek(&mut self, buf: &mut [u8]) -> Result<usize> {
                read::peek(&self.resource, buf).await
            }
        }

        io_traits::impl_read!($half);
    )+};
}

macro_rules! write_half {
    ($($half:ty),+) => {$(
        impl $half {
            /// Writes as [`TcpStream::write_all`](crate::TcpStream::write_all) does.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::write_all`](crate::TcpStream::write_all).
            ///
            /// # Cancel safety
            ///
            /// Dropping the future has written an unspecified part.
            pub fn write_all(&mut self, bytes: &[u8]) -> impl Future<Output = Result<()>> {
                write::write_all(&self.resource, bytes)
            }

            /// Writes as [`TcpStream::write_all_vectored`](crate::TcpStream::write_all_vectored)
            /// does.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::write_all_vectored`](crate::TcpStream::write_all_vectored).
            ///
            /// # Cancel safety
            ///
            /// Dropping the future has written an unspecified part.
            pub async fn write_all_vectored(&mut self, bufs: &mut [IoSlice<'_>]) -> Result<()> {
                write::write_all_vectored(&self.resource, bufs).await
            }

            /// Ends this direction, after what was written has been sent.
            ///
            /// # Errors
            ///
            /// As for [`TcpStream::shutdown`](crate::TcpStream::shutdown).
            ///
            /// # Cancel safety
            ///
            /// Dropping the future may or may not have ended it.
            pub async fn shutdown(&mut self) -> Result<()> {
                shutdown(&self.resource, Shutdown::Write).await
            }
        }

        io_traits::impl_write!($half);
    )+};
}

read_half!(ReadHalf<'_>, OwnedReadHalf);
write_half!(WriteHalf<'_>, OwnedWriteHalf);

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        // With the other half gone, closing follows and ends both directions.
        if Rc::strong_count(&self.resource) > 1
            && let Ok(engine) = self.resource.engine()
        {
            let key = self.resource.key();
            engine.submit_and_forget(Op::Shutdown { key, how: Shutdown::Write });
        }
    }
}
