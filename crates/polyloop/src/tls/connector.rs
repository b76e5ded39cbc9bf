use std::sync::Arc;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Result, limits};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::connector_builder::TlsConnectorBuilder;
use super::pem;
use super::session::Session;
use super::stream::TlsStream;

/// Makes TLS clients, all with one configuration; cloning it is cheap.
///
/// Sessions that servers offer to resume are kept by the configuration, so reconnecting with the
/// same connector, or a clone, is quicker than with a new one.
#[derive(Clone, Debug)]
pub struct TlsConnector {
    config: Arc<ClientConfig>,
    handshake_timeout: Duration,
    shutdown_timeout: Duration,
}

impl TlsConnector {
    /// Begins to say whom a client trusts.
    pub fn builder() -> TlsConnectorBuilder {
        TlsConnectorBuilder::new()
    }

    /// Makes a connector of a configuration of rustls's, with any provider of cryptography.
    pub fn new(config: Arc<ClientConfig>) -> TlsConnector {
        TlsConnector {
            config,
            handshake_timeout: limits::TLS_HANDSHAKE_TIMEOUT,
            shutdown_timeout: limits::TLS_SHUTDOWN_TIMEOUT,
        }
    }

    /// Gives the configuration.
    pub fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }

    /// Sets how long a handshake may take; without this 60 s, as in asyncio.
    #[must_use]
    pub fn handshake_timeout(self, timeout: Duration) -> TlsConnector {
        TlsConnector { handshake_timeout: timeout, ..self }
    }

    /// Sets how long [`TlsStream::close`] may take; without this 30 s, as in asyncio.
    #[must_use]
    pub fn shutdown_timeout(self, timeout: Duration) -> TlsConnector {
        TlsConnector { shutdown_timeout: timeout, ..self }
    }

    /// Agrees with the server at the other end of a stream, whose certificate must be for `name`:
    /// a host's name, or a numeric address without a port.
    ///
    /// # Errors
    ///
    /// *Invalid input* for a name that no certificate can have; *invalid data* if the server is
    /// not who it should be or breaks the rules, saying which and naming it; *unexpected end of
    /// file* if the stream ends before that; *timed out* after the handshake's time; the stream's.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the stream.
    pub async fn connect<S>(&self, name: &str, stream: S) -> Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let session = self.session(name)?;
        TlsStream::handshake(stream, session, self.handshake_timeout, self.shutdown_timeout).await
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.handshake_timeout
    }

    pub(crate) fn session(&self, name: &str) -> Result<Session> {
        let name = ServerName::try_from(name)
            .map_err(|error| pem::invalid(&format!("{name:?} as a server's name"), error))?;
        Session::client(self.config.clone(), name.to_owned())
    }
}

impl From<Arc<ClientConfig>> for TlsConnector {
    fn from(config: Arc<ClientConfig>) -> TlsConnector {
        TlsConnector::new(config)
    }
}
