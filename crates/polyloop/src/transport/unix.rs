use polyloop_core::Result;

use super::any_protocol::StreamProtocol;
use super::core;
use super::create_connection::connect_accepted_socket;
use super::datagram::create_datagram_endpoint_over;
use super::datagram_handle::DatagramTransport;
use super::protocol::DatagramProtocol;
use super::transport_handle::Transport;
use crate::net::{ToUnixAddress, UnixDatagram, UnixStream};
use crate::server::{Server, ServerBuilder};

/// Connects to a Unix socket, and puts a protocol on the connection: asyncio's
/// `create_unix_connection`. See [`create_connection`](crate::create_connection).
///
/// # Errors
///
/// As for [`UnixStream::connect`].
///
/// # Cancel safety
///
/// As for [`create_connection`](crate::create_connection).
pub async fn create_unix_connection<K, P: StreamProtocol<K>>(
    factory: impl FnOnce() -> P,
    to: impl ToUnixAddress,
) -> Result<Transport> {
    let transport = connect_accepted_socket(factory, UnixStream::connect(to).await?);
    transport.until_made().await;
    Ok(transport)
}

/// Listens at a Unix socket and puts a protocol on each connection: asyncio's
/// `create_unix_server`. See [`create_server`](crate::create_server).
///
/// # Errors
///
/// As for [`start_unix_server`](crate::start_unix_server).
///
/// # Cancel safety
///
/// Dropping the future closes what was opened; the path may be there.
pub async fn create_unix_server<K, P: StreamProtocol<K>>(
    factory: impl Fn() -> P + 'static,
    address: impl ToUnixAddress,
) -> Result<Server> {
    ServerBuilder::new().create_unix_server(factory, address).await
}

/// Makes a Unix datagram socket at an address and puts a protocol on it: asyncio's
/// `create_datagram_endpoint` with the family of Unix sockets. When it is done `connection_made`
/// has been called.
///
/// One that has a peer, or no name, is made of a ready socket:
/// [`create_datagram_endpoint_over`](crate::create_datagram_endpoint_over).
///
/// # Errors
///
/// As for [`UnixDatagram::bind`].
///
/// # Cancel safety
///
/// Dropping the future closes what was opened, and the path may be there; once `connection_made`
/// was called, it goes on.
pub async fn create_unix_datagram_endpoint<P: DatagramProtocol>(
    factory: impl FnOnce() -> P,
    local: impl ToUnixAddress,
) -> Result<DatagramTransport> {
    let socket = UnixDatagram::bind(local).await?;
    let transport = create_datagram_endpoint_over(factory, socket);
    transport.until_made().await;
    Ok(transport)
}

impl ServerBuilder {
    /// Listens at a Unix socket and puts a protocol on each connection; see
    /// [`create_unix_server`].
    ///
    /// # Errors
    ///
    /// As for [`create_unix_server`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the path may be there.
    pub async fn create_unix_server<K, P: StreamProtocol<K>>(
        self,
        factory: impl Fn() -> P + 'static,
        address: impl ToUnixAddress,
    ) -> Result<Server> {
        let listener = self.listen_unix(address).await?;
        let start = move |wire| drop(core::start(&wire, factory()));
        self.start(vec![listener], Box::new(move |_, wire| start(wire)))
    }
}
