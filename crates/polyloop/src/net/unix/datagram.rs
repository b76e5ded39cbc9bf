use std::os::fd::OwnedFd;

use polyloop_core::{
    Address, Detached, EventLoop, Interest, OpenSpec, OsHandle, Output, PairKind, Result,
    UnixAddress, UnixDatagramSpec,
};

use super::address::{ToUnixAddress, unix};
use super::handles::{self, handle_methods};
use crate::net::datagram::{self, datagram_methods};
use crate::net::resource::Resource;
use crate::net::stream_methods::socket_methods;
use crate::op_future::wrong_answer;

/// A datagram socket within this machine. No datagram is lost or changes its place: who sends more
/// than the receiver has room for waits.
///
/// It belongs to the loop in which it was made and is used on that loop's thread. Sending and
/// receiving take `&self`, so any number of tasks can do both. Waiting to receive holds no buffer.
/// Dropping it closes it and **leaves its path in the file system**.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let (here, there) = polyloop::UnixDatagram::pair().await?;
///     here.send(b"one").await?;
///     here.send(b"two").await?;
///     let mut buf = [0; 16];
///     assert_eq!(there.recv(&mut buf).await?, 3);
///     assert_eq!(&buf[..3], b"one");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Debug)]
pub struct UnixDatagram {
    resource: Resource,
}

impl UnixDatagram {
    /// Makes a socket bound to an address. A path must not be there yet.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *address in use* for a path that is there, saying where.
    /// *Invalid input* for a name that is too long, saying how long it may be, or if there is no
    /// running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the path may be there.
    pub async fn bind(address: impl ToUnixAddress) -> Result<UnixDatagram> {
        UnixDatagram::open(UnixDatagramSpec::at(address.to_unix_address()?)).await
    }

    /// Makes a socket without a name: it can send, and nobody can answer it.
    ///
    /// # Errors
    ///
    /// The operating system's. *Invalid input* if there is no running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn unbound() -> Result<UnixDatagram> {
        UnixDatagram::open(UnixDatagramSpec::unnamed()).await
    }

    /// Makes a socket as a spec says.
    ///
    /// # Errors
    ///
    /// As for [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the path may be there.
    pub async fn open(spec: UnixDatagramSpec) -> Result<UnixDatagram> {
        Ok(UnixDatagram { resource: Resource::open(OpenSpec::UnixDatagram(spec)).await? })
    }

    /// Makes two sockets that are connected to each other.
    ///
    /// # Errors
    ///
    /// The operating system's, such as being out of descriptors. *Invalid input* if there is no
    /// running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn pair() -> Result<(UnixDatagram, UnixDatagram)> {
        let spec = OpenSpec::SocketPair(PairKind::Datagram);
        let (first, second) = Resource::open_pair(spec).await?;
        Ok((UnixDatagram { resource: first }, UnixDatagram { resource: second }))
    }

    /// Takes a socket of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(socket: std::os::unix::net::UnixDatagram) -> Result<UnixDatagram> {
        let handle = OsHandle::UnixDatagram(OwnedFd::from(socket).into());
        Ok(UnixDatagram { resource: Resource::attach(handle)? })
    }

    /// Takes the socket out of its loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot detach handles.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: dropping the future may close the socket.
    pub async fn into_std(self) -> Result<std::os::unix::net::UnixDatagram> {
        match self.resource.detach().await? {
            Detached { handle: OsHandle::UnixDatagram(file), .. } => Ok(OwnedFd::from(file).into()),
            other => Err(wrong_answer(&Output::Detached(Box::new(other)))),
        }
    }

    /// Names the only peer: [`send`](Self::send) goes there, and nothing else is received.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *not found* or *connection refused*, saying to where.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may or may not have named it.
    pub async fn connect(&self, peer: impl ToUnixAddress) -> Result<()> {
        self.resource.connect(peer.to_unix_address()?.into()).await
    }

    /// Sends one datagram there, an empty one also; waits until the receiver has room.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *not found* or *message too long*, saying to where.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may or may not have sent it.
    pub async fn send_to(&self, bytes: &[u8], to: impl ToUnixAddress) -> Result<usize> {
        let to = Address::from(to.to_unix_address()?);
        datagram::send(&self.resource, bytes, Some(&to)).await
    }

    /// Sends one datagram there if there is room now; else *would block*.
    ///
    /// # Errors
    ///
    /// As for [`send_to`](Self::send_to), and *would block*: [`writable`](Self::writable) does not
    /// tell when it no longer would, because the room is the receiver's.
    pub fn try_send_to(&self, bytes: &[u8], to: impl ToUnixAddress) -> Result<usize> {
        let to = Address::from(to.to_unix_address()?);
        datagram::send_now(&self.resource, bytes, Some(&to))
    }

    /// Receives one datagram, and says who sent it. What does not fit is lost.
    ///
    /// # Errors
    ///
    /// The operating system's; *invalid input* for an empty `buf`.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future takes no datagram.
    pub async fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, UnixAddress)> {
        let key = self.resource.key();
        named(datagram::receive(&self.resource, |driver| driver.try_recv_from(key, buf)).await)
    }

    /// Receives one datagram if one is there; else *would block*.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from), and *would block*.
    pub fn try_recv_from(&self, buf: &mut [u8]) -> Result<(usize, UnixAddress)> {
        let key = self.resource.key();
        named(datagram::receive_now(&self.resource, |driver| driver.try_recv_from(key, buf)))
    }

    /// Looks at the datagram that [`recv_from`](Self::recv_from) would give, and leaves it there.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from); *unsupported* by a loop that cannot look.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: it takes nothing.
    pub async fn peek_from(&self, buf: &mut [u8]) -> Result<(usize, UnixAddress)> {
        let key = self.resource.key();
        named(datagram::receive(&self.resource, |driver| driver.try_peek_from(key, buf)).await)
    }

    /// Gives the address that the socket is bound to.
    pub fn local_addr(&self) -> Result<UnixAddress> {
        unix(self.resource.local_address()?)
    }

    /// Gives the only peer's address; *not connected* if there is none.
    pub fn peer_addr(&self) -> Result<UnixAddress> {
        unix(self.resource.peer_address()?)
    }
}

datagram_methods!(UnixDatagram);
handle_methods!(UnixDatagram);

fn named(received: Result<(usize, Address)>) -> Result<(usize, UnixAddress)> {
    let (count, from) = received?;
    Ok((count, unix(from)?))
}
