use polyloop_core::Result;

use super::core;
use super::protocol::{BufferedProtocol, Protocol};
use super::socket::ListeningSocket;
use crate::net::ToHostAddress;
use crate::server::{Server, ServerBuilder};

/// Listens at an address and puts a protocol on each connection: asyncio's `create_server`.
/// [`Server::builder`] has limits and options.
///
/// # Errors
///
/// The operating system's, such as *address in use*, saying where. *Invalid input* if there is
/// no running loop.
///
/// # Cancel safety
///
/// Dropping the future closes what was opened.
pub async fn create_server<P: Protocol>(
    factory: impl Fn() -> P + 'static,
    address: impl ToHostAddress,
) -> Result<Server> {
    ServerBuilder::new().create_server(factory, address).await
}

impl ServerBuilder {
    /// Listens at an address and puts a protocol on each connection; see [`create_server`].
    ///
    /// # Errors
    ///
    /// As for [`create_server`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn create_server<P: Protocol>(
        self,
        factory: impl Fn() -> P + 'static,
        address: impl ToHostAddress,
    ) -> Result<Server> {
        let listeners = self.listen(address).await?;
        self.start(listeners, Box::new(move |_, wire| drop(core::start(&wire, factory()))))
    }

    /// Puts a protocol on each connection of a listener that is there. It does not wait.
    ///
    /// # Errors
    ///
    /// *Invalid input* if the listener's loop does not run here.
    pub fn create_server_over<P: Protocol>(
        self,
        factory: impl Fn() -> P + 'static,
        listener: impl ListeningSocket,
    ) -> Result<Server> {
        let start = move |wire| drop(core::start(&wire, factory()));
        self.start(vec![listener.into_socket_resource()], Box::new(move |_, wire| start(wire)))
    }

    /// Listens at an address and puts a protocol on each connection that says where its bytes go.
    ///
    /// # Errors
    ///
    /// As for [`create_server`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn create_buffered_server<P: BufferedProtocol>(
        self,
        factory: impl Fn() -> P + 'static,
        address: impl ToHostAddress,
    ) -> Result<Server> {
        let listeners = self.listen(address).await?;
        let start = move |wire| drop(core::start_buffered(&wire, factory()));
        self.start(listeners, Box::new(move |_, wire| start(wire)))
    }
}
