use std::sync::Arc;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Result, limits};
use rustls::ServerConfig;

use super::acceptor_builder::TlsAcceptorBuilder;
use super::session::Session;
use super::stream::TlsStream;

/// Makes TLS servers, all with one configuration; cloning it is cheap.
#[derive(Clone, Debug)]
pub struct TlsAcceptor {
    config: Arc<ServerConfig>,
    handshake_timeout: Duration,
    shutdown_timeout: Duration,
}

impl TlsAcceptor {
    /// Begins to say who a server is.
    pub fn builder() -> TlsAcceptorBuilder {
        TlsAcceptorBuilder::new()
    }

    /// Makes an acceptor of a configuration of rustls's, with any provider of cryptography.
    ///
    /// What clients send before the handshake is over (0-RTT) is not taken, whatever the
    /// configuration says: anybody could send it a second time.
    pub fn new(config: Arc<ServerConfig>) -> TlsAcceptor {
        let config = match config.max_early_data_size {
            0 => config,
            _ => {
                let mut without = ServerConfig::clone(&config);
                without.max_early_data_size = 0;
                Arc::new(without)
            }
        };
        TlsAcceptor {
            config,
            handshake_timeout: limits::TLS_HANDSHAKE_TIMEOUT,
            shutdown_timeout: limits::TLS_SHUTDOWN_TIMEOUT,
        }
    }

    /// Gives the configuration.
    pub fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }

    /// Sets how long a handshake may take; without this 60 s, as in asyncio.
    #[must_use]
    pub fn handshake_timeout(self, timeout: Duration) -> TlsAcceptor {
        TlsAcceptor { handshake_timeout: timeout, ..self }
    }

    /// Sets how long [`TlsStream::close`] may take; without this 30 s, as in asyncio.
    #[must_use]
    pub fn shutdown_timeout(self, timeout: Duration) -> TlsAcceptor {
        TlsAcceptor { shutdown_timeout: timeout, ..self }
    }

    /// Agrees with the client at the other end of a stream.
    ///
    /// # Errors
    ///
    /// *Invalid data* if the client speaks no TLS, has no certificate where one is required, or
    /// breaks the rules, saying which; *unexpected end of file* if the stream ends before that;
    /// *timed out* after the handshake's time; the stream's.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the stream.
    pub async fn accept<S>(&self, stream: S) -> Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let session = self.session()?;
        TlsStream::handshake(stream, session, self.handshake_timeout, self.shutdown_timeout).await
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.handshake_timeout
    }

    pub(crate) fn session(&self) -> Result<Session> {
        Session::server(self.config.clone())
    }
}

impl From<Arc<ServerConfig>> for TlsAcceptor {
    fn from(config: Arc<ServerConfig>) -> TlsAcceptor {
        TlsAcceptor::new(config)
    }
}
