//! TLS under protocols: from the start, or from the middle on.

use std::rc::Rc;
use std::time::Duration;

use polyloop_core::Result;

use super::acceptor::TlsAcceptor;
use super::connector::TlsConnector;
use super::session::Session;
use super::upgrade::{self, shake};
use crate::engine::Engine;
use crate::exception::ExceptionContext;
use crate::net::{TcpStream, ToHostAddress};
use crate::server::{Server, ServerBuilder};
use crate::task::{self, TaskStart};
use crate::transport::{StreamProtocol, Transport, made, wire};
use crate::wire::Wire;

impl TlsConnector {
    /// Connects, shakes hands with the server, whose certificate must be for `name`, and puts a
    /// protocol on the connection: asyncio's `create_connection(ssl=, server_hostname=)`.
    ///
    /// # Errors
    ///
    /// As for [`TcpStream::connect`] and [`connect`](Self::connect); the protocol is not made then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and closes the socket; once `connection_made` was
    /// called, the connection goes on.
    pub async fn create_connection<K, P: StreamProtocol<K>>(
        &self,
        factory: impl FnOnce() -> P,
        name: &str,
        to: impl ToHostAddress,
    ) -> Result<Transport> {
        let session = self.session(name)?;
        let wire = wire(TcpStream::connect(to).await?.into_resource());
        shake_or_close(&wire, session, self.timeout()).await?;
        Ok(begin(&wire, factory()).await)
    }

    /// Goes over to TLS on the connection of a transport, as its client: asyncio's
    /// `loop.start_tls`. The transport and its protocol stay the same.
    ///
    /// Nothing is given to the protocol meanwhile, and what the transport has not received yet is
    /// taken for the peer's part of the handshake.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect); the connection is lost then, which the protocol is told.
    /// *Invalid input* if TLS is there already.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves a connection that can only be closed.
    pub async fn start_tls_on(&self, name: &str, transport: &Transport) -> Result<()> {
        start_tls_on(transport, self.session(name)?, self.timeout()).await
    }
}

impl TlsAcceptor {
    /// Goes over to TLS on the connection of a transport, as its server; otherwise as
    /// [`TlsConnector::start_tls_on`].
    ///
    /// # Errors
    ///
    /// As for [`accept`](Self::accept), otherwise as for the connector's.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves a connection that can only be closed.
    pub async fn start_tls_on(&self, transport: &Transport) -> Result<()> {
        start_tls_on(transport, self.session()?, self.timeout()).await
    }

    /// Listens at an address and puts a protocol on each connection that has shaken hands: asyncio's
    /// `create_server(ssl=)`.
    ///
    /// Handshakes that fail are reported in debug mode only.
    ///
    /// # Errors
    ///
    /// As for [`create_server`](crate::create_server).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn create_server<K, P: StreamProtocol<K>>(
        &self,
        factory: impl Fn() -> P + 'static,
        address: impl ToHostAddress,
    ) -> Result<Server> {
        self.create_server_with(Server::builder(), factory, address).await
    }

    /// Does so with a server's options and limits.
    ///
    /// # Errors
    ///
    /// As for [`create_server`](Self::create_server).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn create_server_with<K, P: StreamProtocol<K>>(
        &self,
        builder: ServerBuilder,
        factory: impl Fn() -> P + 'static,
        address: impl ToHostAddress,
    ) -> Result<Server> {
        let listeners = builder.listen(address).await?;
        let (acceptor, factory) = (self.clone(), Rc::new(factory));
        let serve = move |engine: &Rc<Engine>, wire: Rc<Wire>| {
            let (acceptor, factory, of) = (acceptor.clone(), factory.clone(), engine.clone());
            let serving = async move {
                let shaken = match acceptor.session() {
                    Ok(session) => shake_or_close(&wire, session, acceptor.timeout()).await,
                    Err(error) => Err(error),
                };
                match shaken {
                    Ok(()) => drop(begin(&wire, factory()).await),
                    Err(error) if of.is_debug() => {
                        of.reporter.report(&ExceptionContext::new(error.to_string()));
                    }
                    Err(_) => {}
                }
            };
            task::spawn(engine, serving, None, TaskStart::Soon).detach();
        };
        builder.start(listeners, Box::new(serve))
    }
}

/// Puts a protocol on a wire that has shaken hands.
async fn begin<K, P: StreamProtocol<K>>(wire: &Rc<Wire>, protocol: P) -> Transport {
    let transport = made(wire, protocol).await;
    // What came right behind the handshake is there already, and nothing tells of it.
    wire.schedule();
    transport
}

async fn shake_or_close(wire: &Rc<Wire>, session: Session, within: Duration) -> Result<()> {
    // Closing sends what there is to say about a failure.
    shake(wire, session, &[], within).await.inspect_err(|_| wire.close())
}

async fn start_tls_on(transport: &Transport, session: Session, within: Duration) -> Result<()> {
    let was_reading = transport.is_reading();
    let wire = transport.wire();
    upgrade::refuse_second(wire)?;
    transport.pause_reading();
    transport.until_made().await;
    if let Err(error) = shake(wire, session, &[], within).await {
        wire.abort_with(error.clone());
        return Err(error);
    }
    // The handshake waited for bytes by itself.
    wire.watch(&*wire.engine()?)?;
    if was_reading {
        transport.resume_reading();
    }
    Ok(())
}
