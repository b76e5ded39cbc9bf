use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::Poll;

use polyloop_core::{Op, OpenSpec, Result, UdpSpec};

use super::datagram_core::DatagramCore;
use super::datagram_handle::DatagramTransport;
use super::protocol::DatagramProtocol;
use crate::engine;
use crate::net::ToAddress;
use crate::net::resource::Resource;
use crate::op_future::{OpFuture, opened};

/// How a datagram socket is made: the options of asyncio's `create_datagram_endpoint`.
///
/// # Examples
///
/// ```
/// use polyloop::{Address, DatagramEndpoint, DatagramProtocol, DatagramTransport};
///
/// struct Echo;
///
/// impl DatagramProtocol for Echo {
///     fn datagram_received(&mut self, transport: &DatagramTransport, data: &[u8], from: &Address) {
///         transport.sendto(data, from.clone());
///     }
/// }
///
/// polyloop::run(async {
///     let echo = DatagramEndpoint::at("127.0.0.1:0")?.open(|| Echo).await?;
///     assert!(echo.extra_info().sockname().is_some());
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct DatagramEndpoint {
    spec: UdpSpec,
}

impl DatagramEndpoint {
    /// Begins with a socket that is bound to an address; port 0 lets the system choose.
    ///
    /// # Errors
    ///
    /// *Invalid input* for text that is not a numeric address and a port.
    pub fn at(address: impl ToAddress) -> Result<DatagramEndpoint> {
        Ok(DatagramEndpoint { spec: UdpSpec::at(address.to_address()?) })
    }

    /// Begins with a socket for one peer, bound to an address that the system chooses.
    ///
    /// # Errors
    ///
    /// As for [`at`](Self::at).
    pub fn to(peer: impl ToAddress) -> Result<DatagramEndpoint> {
        let peer = peer.to_address()?;
        let any: SocketAddr = match peer {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
        };
        DatagramEndpoint::at(any).map(|endpoint| endpoint.connected_to(peer))
    }

    /// Sets the only peer: others are not received from, and sends need no address.
    pub fn connected_to(mut self, peer: SocketAddr) -> Self {
        self.spec.connect = Some(peer);
        self
    }

    /// Sets whether datagrams may go to broadcast addresses (`allow_broadcast`).
    pub fn allow_broadcast(mut self, allow: bool) -> Self {
        self.spec.broadcast = allow;
        self
    }

    /// Sets whether several sockets may share the port, where the system can.
    pub fn reuse_port(mut self, reuse: bool) -> Self {
        self.spec.reuse_port = reuse;
        self
    }

    /// Makes the socket and puts a protocol on it. When it is done `connection_made` has been called.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *address in use*. *Invalid input* if there is no running
    /// loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket; once `connection_made` was called, it goes on.
    pub async fn open<P: DatagramProtocol>(
        self,
        factory: impl FnOnce() -> P,
    ) -> Result<DatagramTransport> {
        let home = engine::current().ok_or_else(engine::not_running)?.id;
        let spec = Box::new(OpenSpec::Udp(self.spec));
        let key = opened(OpFuture::new(home, Op::Open { spec }).await)?;
        let core = DatagramCore::start(Resource::new(home, key), Box::new(factory()));
        let waiter = core.made_wakers.waiter();
        poll_fn(|cx| {
            if core.is_made() {
                return Poll::Ready(());
            }
            waiter.add(cx.waker());
            Poll::Pending
        })
        .await;
        drop(waiter);
        Ok(DatagramTransport::of(core))
    }
}

/// Makes a datagram socket at an address and puts a protocol on it: asyncio's
/// `create_datagram_endpoint`. [`DatagramEndpoint`] has its options.
///
/// # Errors
///
/// As for [`DatagramEndpoint::open`].
///
/// # Cancel safety
///
/// As for [`DatagramEndpoint::open`].
pub async fn create_datagram_endpoint<P: DatagramProtocol>(
    factory: impl FnOnce() -> P,
    local: impl ToAddress,
) -> Result<DatagramTransport> {
    DatagramEndpoint::at(local)?.open(factory).await
}
