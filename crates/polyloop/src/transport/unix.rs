use polyloop_core::Result;

use super::core;
use super::create_connection::connect_accepted_socket;
use super::protocol::Protocol;
use super::transport_handle::Transport;
use crate::net::{ToUnixAddress, UnixStream};
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
pub async fn create_unix_connection<P: Protocol>(
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
pub async fn create_unix_server<P: Protocol>(
    factory: impl Fn() -> P + 'static,
    address: impl ToUnixAddress,
) -> Result<Server> {
    ServerBuilder::new().create_unix_server(factory, address).await
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
    pub async fn create_unix_server<P: Protocol>(
        self,
        factory: impl Fn() -> P + 'static,
        address: impl ToUnixAddress,
    ) -> Result<Server> {
        let listener = self.listen_unix(address).await?;
        let start = move |wire| drop(core::start(&wire, factory()));
        self.start(vec![listener], Box::new(move |_, wire| start(wire)))
    }
}
