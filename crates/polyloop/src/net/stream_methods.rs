//! What every stream socket offers, whatever carries its bytes.

/// Gives a stream socket, a struct with a field `resource`, its methods and the traits of
/// futures-io.
macro_rules! stream_methods {
    ($stream:ident) => {
        impl $stream {
            pub(crate) fn of(resource: Resource) -> $stream {
                $stream { resource }
            }

            /// Gives what it stands on, for what else stands on that.
            pub(crate) fn into_resource(self) -> Resource {
                self.resource
            }

            /// Reads some bytes, and tells how many; zero is the end of the stream (or of `buf`, if
            /// that is empty).
            ///
            /// # Errors
            ///
            /// The operating system's, such as *connection reset*, after all bytes that came
            /// before.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future reads nothing; bytes stay in the stream.
            pub fn read(&mut self, buf: &mut [u8]) -> impl Future<Output = Result<usize>> {
                read::read(&self.resource, buf)
            }

            /// Reads some bytes into several buffers in order, and tells how many; zero is the end
            /// of the stream (or of the buffers, if they are all empty). Those behind the first
            /// may stay empty although there is more.
            ///
            /// # Errors
            ///
            /// As for [`read`](Self::read).
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe, as [`read`](Self::read) is.
            pub async fn read_vectored(
                &mut self,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> Result<usize> {
                read::read_vectored(&self.resource, bufs).await
            }

            /// Reads as many bytes as `buf` is long.
            ///
            /// # Errors
            ///
            /// As for [`read`](Self::read), and *unexpected end of file*, with
            /// [`Error::transferred`](crate::Error::transferred) telling how many had come.
            ///
            /// # Cancel safety
            ///
            /// Not cancel-safe: what had been read is in `buf`, and nobody knows how much that is.
            pub async fn read_exact(&mut self, buf: &mut [u8]) -> Result<()> {
                read::read_exact(&self.resource, buf).await
            }

            /// Reads to the end of the stream, behind what `bytes` holds, and tells how many bytes
            /// that were. There is no bound: do not read so from whom you do not trust.
            ///
            /// # Errors
            ///
            /// As for [`read`](Self::read); what came before is in `bytes`.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future leaves in `bytes` what had been read; nothing is lost.
            pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize> {
                read::read_to_end(&self.resource, bytes).await
            }

            /// Reads some bytes without copying, where the loop receives ahead; nothing at the end
            /// of the stream. The chunk goes back to the loop when it is dropped, on any thread.
            ///
            /// # Errors
            ///
            /// As for [`read`](Self::read).
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe, as [`read`](Self::read) is.
            pub fn read_chunk(&mut self) -> impl Future<Output = Result<Option<Chunk>>> {
                read::read_chunk(&self.resource)
            }

            /// Looks at the bytes that [`read`](Self::read) would give, and leaves them there.
            ///
            /// # Errors
            ///
            /// As for [`read`](Self::read); an error that was told is gone.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: it takes nothing.
            pub async fn peek(&mut self, buf: &mut [u8]) -> Result<usize> {
                read::peek(&self.resource, buf).await
            }

            /// Writes all of it: done when the kernel has taken it.
            ///
            /// # Errors
            ///
            /// The operating system's, such as *broken pipe*; an unspecified part has been
            /// written.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future has written an unspecified part.
            pub fn write_all(&mut self, bytes: &[u8]) -> impl Future<Output = Result<()>> {
                write::write_all(&self.resource, bytes)
            }

            /// Writes some bytes of several buffers, in order, and tells how many.
            ///
            /// # Errors
            ///
            /// As for [`write_all`](Self::write_all); nothing has been written.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future has written nothing.
            pub async fn write_vectored(&mut self, bufs: &[std::io::IoSlice<'_>]) -> Result<usize> {
                write::write_vectored(&self.resource, bufs).await
            }

            /// Writes all of several buffers, in order, without copying them. What the slices
            /// show afterwards is unspecified.
            ///
            /// # Errors
            ///
            /// As for [`write_all`](Self::write_all).
            ///
            /// # Cancel safety
            ///
            /// Dropping the future has written an unspecified part.
            pub async fn write_all_vectored(
                &mut self,
                bufs: &mut [std::io::IoSlice<'_>],
            ) -> Result<()> {
                write::write_all_vectored(&self.resource, bufs).await
            }

            /// Ends one or both directions, after what was written has been sent: the peer reads
            /// to the end.
            ///
            /// # Errors
            ///
            /// The operating system's, such as *not connected*.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future may or may not have ended it.
            pub async fn shutdown(&mut self, how: std::net::Shutdown) -> Result<()> {
                halves::shutdown(&self.resource, how).await
            }

            /// Lends the two directions, for one task that reads and writes at once.
            pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
                halves::split(&self.resource)
            }

            /// Makes the two directions independent, for two tasks of the loop. Dropping the write
            /// half ends that direction; the connection closes with the second half.
            pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
                halves::into_split(self.resource)
            }
        }

        io_traits::impl_read!($stream);
        io_traits::impl_write!($stream);
        socket_methods!($stream);
    };
}

/// Gives a socket, a struct with a field `resource`, its options.
macro_rules! socket_methods {
    ($socket:ident) => {
        impl $socket {
            /// Sets an option of the socket.
            ///
            /// # Errors
            ///
            /// The operating system's; *unsupported* for what the system does not have.
            pub fn set_option(&self, option: polyloop_core::SocketOption) -> Result<()> {
                self.resource.set_option(option)
            }

            /// Reads an option of the socket.
            ///
            /// # Errors
            ///
            /// The operating system's; *unsupported* for what the system does not have.
            pub fn option(
                &self,
                name: polyloop_core::OptionName,
            ) -> Result<polyloop_core::SocketOption> {
                self.resource.option(name)
            }

            /// Takes the error that waits at the socket, if one does.
            ///
            /// # Errors
            ///
            /// If the socket cannot be asked.
            pub fn take_error(&self) -> Result<Option<polyloop_core::Error>> {
                self.resource.take_error()
            }
        }
    };
}

pub(super) use socket_methods;
pub(super) use stream_methods;
