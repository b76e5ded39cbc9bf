//! TLS on the connections of streams: from the start, or from the middle on.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use polyloop_core::{Error, ErrorKind, Result};

use super::acceptor::TlsAcceptor;
use super::connector::TlsConnector;
use super::session::Session;
use crate::engine;
use crate::net::{TcpStream, ToHostAddress};
use crate::server::ConnectionOutcome;
use crate::streams::{StreamReader, StreamWriter};
use crate::time::timeout;
use crate::wire::Wire;

/// A connection that is shaking hands or being handled.
type Handling<T> = Pin<Box<dyn Future<Output = TlsOutcome<T>>>>;

/// The two ends of a connection.
type Streams = (StreamReader, StreamWriter);

impl TlsConnector {
    /// Connects, shakes hands with the server, whose certificate must be for `name`, and gives the
    /// two ends of the connection: asyncio's `open_connection(ssl=, server_hostname=)`.
    ///
    /// # Errors
    ///
    /// As for [`TcpStream::connect`] and [`connect`](Self::connect).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and closes the socket.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn ask() -> polyloop::Result<()> {
    /// # let connector = polyloop::tls::TlsConnector::builder().build()?;
    /// let (mut reader, writer) = connector.open_connection("example.com", "example.com:443").await?;
    /// writer.write(b"GET / HTTP/1.0\r\n\r\n");
    /// let status = reader.readline().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open_connection(
        &self,
        name: &str,
        address: impl ToHostAddress,
    ) -> Result<(StreamReader, StreamWriter)> {
        let (reader, writer) = TcpStream::connect(address).await?.into_streams();
        self.start_tls(name, reader, writer).await
    }

    /// Goes over to TLS on an open connection, as its client: asyncio's `StreamWriter.start_tls`.
    ///
    /// Takes both ends and gives them back: nobody else can use them meanwhile. What was written
    /// before goes out before. What has come and was not read is taken for the peer's part of the
    /// handshake, never for bytes that came through TLS: somebody on the way could have put them
    /// there, so they fail the handshake if they are anything else.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect); the connection is closed then. *Invalid input* for ends of
    /// two connections, for a reader over something else, or if TLS is there already.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
    pub async fn start_tls(
        &self,
        name: &str,
        reader: StreamReader,
        writer: StreamWriter,
    ) -> Result<(StreamReader, StreamWriter)> {
        start_tls(self.session(name)?, self.timeout(), reader, writer).await
    }
}

impl TlsAcceptor {
    /// Goes over to TLS on an open connection, as its server; otherwise as
    /// [`TlsConnector::start_tls`].
    ///
    /// # Errors
    ///
    /// As for [`accept`](Self::accept); the connection is closed then. *Invalid input* as for the
    /// connector's.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
    pub async fn start_tls(
        &self,
        reader: StreamReader,
        writer: StreamWriter,
    ) -> Result<(StreamReader, StreamWriter)> {
        start_tls(self.session()?, self.timeout(), reader, writer).await
    }

    /// Makes a handler for [`start_server`](crate::start_server) that shakes hands with a client
    /// before it runs `handler`: asyncio's `start_server(ssl=)`.
    ///
    /// The handshake is in the connection's own task. A client that fails it is let go, and
    /// reported in debug mode only: whoever likes can send nonsense to a port.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use polyloop::{StreamReader, StreamWriter, start_server, tls::TlsAcceptor};
    ///
    /// async fn greet(mut reader: StreamReader, writer: StreamWriter) -> polyloop::Result<()> {
    ///     let name = reader.readline().await.unwrap_or_default();
    ///     writer.writelines([b"hello ", &name[..]]);
    ///     writer.drain().await
    /// }
    ///
    /// # async fn serve() -> polyloop::Result<()> {
    /// let acceptor = TlsAcceptor::builder().certificate_files("chain.pem", "key.pem")?.build()?;
    /// let server = start_server(acceptor.wrap(greet), "127.0.0.1:7443").await?;
    /// server.serve_forever().await
    /// # }
    /// ```
    pub fn wrap<H, F>(
        &self,
        handler: H,
    ) -> impl Fn(StreamReader, StreamWriter) -> Handling<F::Output> + use<H, F>
    where
        H: Fn(StreamReader, StreamWriter) -> F + 'static,
        F: Future<Output: ConnectionOutcome> + 'static,
    {
        let (acceptor, handler) = (self.clone(), Rc::new(handler));
        move |reader, writer| {
            let (acceptor, handler) = (acceptor.clone(), handler.clone());
            Box::pin(async move {
                match acceptor.start_tls(reader, writer).await {
                    Ok((reader, writer)) => TlsOutcome(Ok(handler(reader, writer).await)),
                    Err(error) => TlsOutcome(Err(error)),
                }
            })
        }
    }
}

/// How a connection of [`TlsAcceptor::wrap`] ended: with its handshake, or with its handler.
#[derive(Debug)]
pub struct TlsOutcome<T>(Result<T>);

impl<T: ConnectionOutcome> ConnectionOutcome for TlsOutcome<T> {
    fn failure(&self) -> Option<String> {
        match &self.0 {
            Ok(outcome) => outcome.failure(),
            Err(error) => {
                engine::current().filter(|engine| engine.is_debug()).map(|_| error.to_string())
            }
        }
    }
}

async fn start_tls(
    session: Session,
    handshake_timeout: Duration,
    mut reader: StreamReader,
    writer: StreamWriter,
) -> Result<Streams> {
    let wire = writer.wire().clone();
    if !reader.wire().is_some_and(|other| Rc::ptr_eq(other, &wire)) {
        return Err(refused("they are ends of two connections"));
    }
    let received = reader.take_buffered();
    shake(&wire, session, &received, handshake_timeout).await?;
    Ok((reader, writer))
}

/// Puts a session on a wire, which gets what had been received, and shakes hands.
pub(crate) async fn shake(
    wire: &Rc<Wire>,
    session: Session,
    received: &[u8],
    handshake_timeout: Duration,
) -> Result<()> {
    refuse_second(wire)?;
    let peer: Box<str> = session.peer().into();
    wire.install_layer(Box::new(session), received);
    let shaken = timeout(handshake_timeout, poll_fn(|cx| wire.poll_handshake(cx))).await;
    shaken.unwrap_or_else(|_| Err(timed_out(&peer, handshake_timeout)))
}

/// Refuses a connection that has a layer already: streams have one at most.
pub(super) fn refuse_second(wire: &Wire) -> Result<()> {
    if wire.has_layer() { Err(refused("it speaks TLS already")) } else { Ok(()) }
}

/// The error of a handshake that took too long.
pub(super) fn timed_out(peer: &str, handshake_timeout: Duration) -> Error {
    Error::new(ErrorKind::TimedOut)
        .attempting(format_args!("TLS with {peer}: shake hands within {handshake_timeout:?}"))
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting(format_args!("go over to TLS on a connection: {why}"))
}
