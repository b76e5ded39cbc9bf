use std::os::fd::OwnedFd;

use polyloop_core::{
    Chunk, Detached, OpenSpec, OptionName, OsHandle, Output, PairKind, PeerCredentials, Result,
    SocketOption, UnixAddress, UnixStreamSpec,
};

use super::address::{ToUnixAddress, unix};
use super::handles::{self, handle_methods};
use crate::net::halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use crate::net::resource::{Resource, wrong_option};
use crate::net::stream_methods::{socket_methods, stream_methods};
use crate::net::{halves, io_traits, read, write};
use crate::op_future::wrong_answer;

/// A connection within this machine, by a path, an abstract name, or to the other one of a pair.
///
/// It belongs to the loop in which it was made and is used on that loop's thread, as a
/// [`TcpStream`](crate::TcpStream) is.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let (mut here, mut there) = polyloop::UnixStream::pair().await?;
///     here.write_all(b"hello").await?;
///     drop(here);
///     let mut all = Vec::new();
///     there.read_to_end(&mut all).await?;
///     assert_eq!(all, b"hello");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Debug)]
pub struct UnixStream {
    pub(in crate::net) resource: Resource,
}

/// What [`UnixStream::into_std`] gives.
#[derive(Debug)]
pub struct IntoUnixStd {
    /// The connection, blocking or not as it was made.
    pub stream: std::os::unix::net::UnixStream,
    /// What the loop had received and nobody read: it comes before what the stream still gives.
    pub unread: Vec<u8>,
}

impl UnixStream {
    /// Connects to who listens at an address; waits while the listener's backlog is full.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *not found* or *connection refused*, saying to where. *Invalid
    /// input* for a name that is too long, saying how long it may be, or if there is no running
    /// loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and closes the socket.
    pub async fn connect(to: impl ToUnixAddress) -> Result<UnixStream> {
        UnixStream::connect_as(to, UnixStreamSpec::unnamed()).await
    }

    /// Connects as a spec says, which has the name to bind, by which the peer sees who connects.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and closes the socket; a path that was bound stays.
    pub async fn connect_as(to: impl ToUnixAddress, spec: UnixStreamSpec) -> Result<UnixStream> {
        let to = to.to_unix_address()?;
        let stream = UnixStream::of(Resource::open(OpenSpec::UnixStream(spec)).await?);
        stream.resource.connect(to.into()).await?;
        Ok(stream)
    }

    /// Makes two streams that are connected to each other.
    ///
    /// # Errors
    ///
    /// The operating system's, such as being out of descriptors. *Invalid input* if there is no
    /// running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn pair() -> Result<(UnixStream, UnixStream)> {
        let (first, second) = Resource::open_pair(OpenSpec::SocketPair(PairKind::Stream)).await?;
        Ok((UnixStream::of(first), UnixStream::of(second)))
    }

    /// Takes a connection of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(stream: std::os::unix::net::UnixStream) -> Result<UnixStream> {
        let handle = OsHandle::UnixStream(OwnedFd::from(stream).into());
        let resource = Resource::attach(handle)?;
        resource.ask_peer();
        Ok(UnixStream::of(resource))
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
    pub async fn into_std(self) -> Result<IntoUnixStd> {
        match self.resource.detach().await? {
            Detached { handle: OsHandle::UnixStream(file), unread, .. } => {
                Ok(IntoUnixStd { stream: OwnedFd::from(file).into(), unread })
            }
            other => Err(wrong_answer(&Output::Detached(Box::new(other)))),
        }
    }

    /// Gives the address of this end; a client's is mostly unnamed.
    pub fn local_addr(&self) -> Result<UnixAddress> {
        unix(self.resource.local_address()?)
    }

    /// Gives the address of the peer; a client's is mostly unnamed.
    pub fn peer_addr(&self) -> Result<UnixAddress> {
        unix(self.resource.peer_address()?)
    }

    /// Tells who is at the other end, as the system knew it when the connection was made.
    ///
    /// # Platform notes
    ///
    /// Linux (SO_PEERCRED); *unsupported* elsewhere.
    pub fn peer_credentials(&self) -> Result<PeerCredentials> {
        match self.option(OptionName::PeerCredentials)? {
            SocketOption::PeerCredentials(credentials) => Ok(credentials),
            other => Err(wrong_option(&other)),
        }
    }
}

stream_methods!(UnixStream);
handle_methods!(UnixStream);
