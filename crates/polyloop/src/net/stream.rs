use std::net::SocketAddr;

use polyloop_core::{
    Chunk, Detached, EventLoop, OptionName, OsHandle, Output, Result, SocketOption,
};

use super::dial::{Dial, attempt};
use super::halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use super::host_address::{HostAddress, ToHostAddress};
use super::resource::Resource;
use super::{halves, read, write};
use crate::engine;
use crate::op_future::wrong_answer;

/// A TCP connection.
///
/// It belongs to the loop in which it was made and is used on that loop's thread; when the loop
/// has closed, every call is an error that says so. Small writes go out at once (TCP_NODELAY is
/// set, as in asyncio). An idle connection holds no read buffer. Dropping it sends what was
/// written and closes it.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let listener = polyloop::TcpListener::bind("127.0.0.1:0").await?;
///     let mut client = polyloop::TcpStream::connect(listener.local_addr()?).await?;
///     let (mut server, _peer) = listener.accept().await?;
///     client.write_all(b"hello").await?;
///     let mut buf = [0; 16];
///     let count = server.read(&mut buf).await?;
///     assert_eq!(&buf[..count], b"hello");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Debug)]
pub struct TcpStream {
    pub(super) resource: Resource,
}

/// What [`TcpStream::into_std`] gives.
#[derive(Debug)]
pub struct IntoStd {
    /// The connection, blocking or not as it was made.
    pub stream: std::net::TcpStream,
    /// What the loop had received and nobody read: it comes before what the stream still gives.
    pub unread: Vec<u8>,
}

impl TcpStream {
    /// Connects to an address, or to a host by its name, such as `"localhost:8080"` or
    /// `("example.com", 443)`.
    ///
    /// A name is looked up off the loop, and its addresses are tried as [`Dial`] does by default. A
    /// numeric address needs no lookup: nothing leaves the loop's thread.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *connection refused*, saying to where; of a host with several
    /// addresses, each one's. The resolver's. *Invalid input* if there is no running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the lookup up, abandons every attempt and closes its socket.
    pub async fn connect(to: impl ToHostAddress) -> Result<TcpStream> {
        match to.to_host_address()? {
            HostAddress::Numeric(address) => attempt(address, None).await,
            // Boxed, so that connecting to a numeric address has a small future.
            named => Ok(Box::pin(Dial::new().connect(named)).await?),
        }
    }

    pub(super) fn of(resource: Resource) -> TcpStream {
        TcpStream { resource }
    }

    /// Takes a connection of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(stream: std::net::TcpStream) -> Result<TcpStream> {
        Ok(TcpStream::of(Resource::attach(OsHandle::TcpStream(stream))?))
    }

    /// Takes the connection out of its loop, after what was written has been sent.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot detach handles.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: dropping the future may close the connection.
    pub async fn into_std(self) -> Result<IntoStd> {
        match self.resource.detach().await? {
            Detached { handle: OsHandle::TcpStream(stream), unread, .. } => {
                Ok(IntoStd { stream, unread })
            }
            other => Err(wrong_answer(&Output::Detached(Box::new(other)))),
        }
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
    /// The operating system's, such as *connection reset*, after all bytes that came before.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future reads nothing; bytes stay in the stream.
    pub async fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        read::read(&self.resource, buf).await
    }

    /// Reads some bytes without copying, where the loop receives ahead; nothing at the end of
    /// the stream. The chunk goes back to the loop when it is dropped, on any thread.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe, as [`read`](Self::read) is.
    pub async fn read_chunk(&mut self) -> Result<Option<Chunk>> {
        read::read_chunk(&self.resource).await
    }

    /// Writes all of it: done when the kernel has taken it.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *broken pipe*; an unspecified part has been written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has written an unspecified part.
    pub async fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        write::write_all(&self.resource, bytes).await
    }

    /// Ends one or both directions, after what was written has been sent: the peer reads to
    /// the end.
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

    /// Gives the address of this end.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        let address = self.resource.engine()?.with_driver(|d| d.local_address(self.resource.key()));
        address?.as_ip().ok_or_else(engine::not_here)
    }

    /// Gives the address of the peer.
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        let address = self.resource.engine()?.with_driver(|d| d.peer_address(self.resource.key()));
        address?.as_ip().ok_or_else(engine::not_here)
    }

    /// Sets an option of the socket.
    pub fn set_option(&self, option: SocketOption) -> Result<()> {
        self.resource.engine()?.with_driver(|d| d.set_option(self.resource.key(), option))
    }

    /// Reads an option of the socket.
    pub fn option(&self, name: OptionName) -> Result<SocketOption> {
        self.resource.engine()?.with_driver(|d| d.option(self.resource.key(), name))
    }
}
