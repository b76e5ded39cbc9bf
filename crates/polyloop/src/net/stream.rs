use std::net::SocketAddr;
use std::time::Duration;

use polyloop_core::{Chunk, Detached, OptionName, OsHandle, Output, Result, SocketOption};

use super::address;
use super::dial::{Dial, attempt};
use super::halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use super::host_address::{HostAddress, ToHostAddress};
use super::resource::{Resource, wrong_option};
use super::stream_methods::{socket_methods, stream_methods};
use super::{halves, io_traits, read, write};
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

    /// Takes a connection of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(stream: std::net::TcpStream) -> Result<TcpStream> {
        let resource = Resource::attach(OsHandle::TcpStream(stream))?;
        resource.ask_peer();
        Ok(TcpStream::of(resource))
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

    /// Gives the address of this end.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        address::internet(self.resource.local_address()?)
    }

    /// Gives the address of the peer.
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        address::internet(self.resource.peer_address()?)
    }

    /// Sets whether small writes go out at once (TCP_NODELAY), as they do unless it is turned off.
    pub fn set_nodelay(&self, on: bool) -> Result<()> {
        self.set_option(SocketOption::Nodelay(on))
    }

    /// Tells whether small writes go out at once.
    pub fn nodelay(&self) -> Result<bool> {
        match self.option(OptionName::Nodelay)? {
            SocketOption::Nodelay(on) => Ok(on),
            other => Err(wrong_option(&other)),
        }
    }

    /// Has the system probe the peer once the connection has been idle for that long, or not at all
    /// (SO_KEEPALIVE). [`SocketOption::KeepAliveInterval`] and [`SocketOption::KeepAliveRetries`]
    /// say what then.
    pub fn set_keep_alive(&self, idle: impl Into<Option<Duration>>) -> Result<()> {
        self.set_option(SocketOption::KeepAlive(idle.into()))
    }

    /// Gives how long the connection is idle before the peer is probed, if it is.
    pub fn keep_alive(&self) -> Result<Option<Duration>> {
        match self.option(OptionName::KeepAlive)? {
            SocketOption::KeepAlive(idle) => Ok(idle),
            other => Err(wrong_option(&other)),
        }
    }

    /// Sets what closing does with what is unsent (SO_LINGER): nothing special with `None`; with
    /// zero the connection is reset, and otherwise closing waits that long, on a thread of the
    /// loop's.
    pub fn set_linger(&self, linger: impl Into<Option<Duration>>) -> Result<()> {
        self.set_option(SocketOption::Linger(linger.into()))
    }

    /// Gives how long closing waits for what is unsent.
    pub fn linger(&self) -> Result<Option<Duration>> {
        match self.option(OptionName::Linger)? {
            SocketOption::Linger(linger) => Ok(linger),
            other => Err(wrong_option(&other)),
        }
    }
}

stream_methods!(TcpStream);
