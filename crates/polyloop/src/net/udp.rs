use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use polyloop_core::{
    Address, Detached, EventLoop, Interest, OpenSpec, OsHandle, Output, Result, SocketOption,
    UdpSpec,
};

use super::address::{self, ToAddress};
use super::datagram::{self, datagram_methods};
use super::resource::Resource;
use super::stream_methods::socket_methods;
use crate::op_future::wrong_answer;

/// A UDP socket.
///
/// It belongs to the loop in which it was made and is used on that loop's thread. Sending and
/// receiving take `&self`, so any number of tasks can do both. Waiting holds no buffer. Dropping
/// it closes it.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let (here, there) = (
///         polyloop::UdpSocket::bind("127.0.0.1:0").await?,
///         polyloop::UdpSocket::bind("127.0.0.1:0").await?,
///     );
///     here.send_to(b"hello", there.local_addr()?).await?;
///     let mut buf = [0; 1500];
///     let (count, from) = there.recv_from(&mut buf).await?;
///     assert_eq!((&buf[..count], from), (&b"hello"[..], here.local_addr()?));
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Debug)]
pub struct UdpSocket {
    resource: Resource,
}

impl UdpSocket {
    /// Makes a socket bound to an address; port 0 lets the system choose one.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *address in use*, saying where. *Invalid input* if there is
    /// no running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn bind(address: impl ToAddress) -> Result<UdpSocket> {
        UdpSocket::open(UdpSpec::at(address.to_address()?)).await
    }

    /// Makes a socket as a spec says, which has the peer, broadcast, sharing and options.
    ///
    /// # Errors
    ///
    /// As for [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn open(spec: UdpSpec) -> Result<UdpSocket> {
        Ok(UdpSocket { resource: Resource::open(OpenSpec::Udp(spec)).await? })
    }

    /// Takes a socket of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(socket: std::net::UdpSocket) -> Result<UdpSocket> {
        Ok(UdpSocket { resource: Resource::attach(OsHandle::UdpSocket(socket))? })
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
    pub async fn into_std(self) -> Result<std::net::UdpSocket> {
        match self.resource.detach().await? {
            Detached { handle: OsHandle::UdpSocket(socket), .. } => Ok(socket),
            other => Err(wrong_answer(&Output::Detached(Box::new(other)))),
        }
    }

    /// Names the only peer: [`send`](Self::send) goes there, and nothing else is received. It can be
    /// changed by connecting again.
    ///
    /// # Errors
    ///
    /// The operating system's, saying to where.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may or may not have named it.
    pub async fn connect(&self, peer: impl ToAddress) -> Result<()> {
        self.resource.connect(peer.to_address()?.into()).await
    }

    /// Sends one datagram there, an empty one also.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *message too long* or *permission denied* for a broadcast
    /// that was not allowed, saying to where.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may or may not have sent it.
    pub async fn send_to(&self, bytes: &[u8], to: impl ToAddress) -> Result<usize> {
        let to = Address::from(to.to_address()?);
        datagram::send(&self.resource, bytes, Some(&to)).await
    }

    /// Sends one datagram there if there is room now; else *would block*.
    ///
    /// # Errors
    ///
    /// As for [`send_to`](Self::send_to), and *would block*.
    pub fn try_send_to(&self, bytes: &[u8], to: impl ToAddress) -> Result<usize> {
        let to = Address::from(to.to_address()?);
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
    pub async fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        let key = self.resource.key();
        internet(datagram::receive(&self.resource, |driver| driver.try_recv_from(key, buf)).await)
    }

    /// Receives one datagram if one is there; else *would block*.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from), and *would block*.
    pub fn try_recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        let key = self.resource.key();
        internet(datagram::receive_now(&self.resource, |driver| driver.try_recv_from(key, buf)))
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
    pub async fn peek_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        let key = self.resource.key();
        internet(datagram::receive(&self.resource, |driver| driver.try_peek_from(key, buf)).await)
    }

    /// Gives the address that the socket is bound to.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        address::internet(self.resource.local_address()?)
    }

    /// Gives the only peer's address; *not connected* if there is none.
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        address::internet(self.resource.peer_address()?)
    }

    /// Sets whether datagrams may go to broadcast addresses.
    pub fn set_broadcast(&self, on: bool) -> Result<()> {
        self.set_option(SocketOption::Broadcast(on))
    }

    /// Receives from now on what is sent to a group, on the interface that has this address; with
    /// [`Ipv4Addr::UNSPECIFIED`] on one that the system chooses.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *invalid input* for what is no group, *no such device* for
    /// an address that no interface has, or *address in use* if it has joined already.
    pub fn join_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<()> {
        self.multicast(SocketOption::JoinMulticastV4 { group, interface }, "join", &group)
    }

    /// Receives no longer what is sent to a group that was joined on that interface.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *address not available* if it was not joined.
    pub fn leave_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<()> {
        self.multicast(SocketOption::LeaveMulticastV4 { group, interface }, "leave", &group)
    }

    /// Receives from now on what is sent to a group, on the interface with this index; with zero on
    /// one that the system chooses.
    ///
    /// # Errors
    ///
    /// As for [`join_multicast_v4`](Self::join_multicast_v4).
    pub fn join_multicast_v6(&self, group: Ipv6Addr, interface: u32) -> Result<()> {
        self.multicast(SocketOption::JoinMulticastV6 { group, interface }, "join", &group)
    }

    /// Receives no longer what is sent to a group that was joined on that interface.
    ///
    /// # Errors
    ///
    /// As for [`leave_multicast_v4`](Self::leave_multicast_v4).
    pub fn leave_multicast_v6(&self, group: Ipv6Addr, interface: u32) -> Result<()> {
        self.multicast(SocketOption::LeaveMulticastV6 { group, interface }, "leave", &group)
    }

    /// Has the system cut what one send gives it into datagrams of so many bytes, the last perhaps
    /// shorter; zero ends that. It saves system calls: 64 datagrams at most, and 64 KiB, go with one.
    ///
    /// # Platform notes
    ///
    /// Linux since 4.18 (UDP_SEGMENT); *unsupported* elsewhere. Datagrams that come are not joined
    /// (UDP_GRO): what a receive gives is always one.
    pub fn set_segment_size(&self, bytes: u16) -> Result<()> {
        self.set_option(SocketOption::SegmentSize(bytes))
    }

    fn multicast(
        &self,
        option: SocketOption,
        what: &str,
        group: &dyn std::fmt::Display,
    ) -> Result<()> {
        self.set_option(option)
            .map_err(|error| error.attempting(format_args!("{what} the group {group}")))
    }
}

datagram_methods!(UdpSocket);

fn internet(received: Result<(usize, Address)>) -> Result<(usize, SocketAddr)> {
    let (count, from) = received?;
    Ok((count, address::internet(from)?))
}
