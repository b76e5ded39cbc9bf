//! TLS over any stream of bytes, by [`rustls`].
//!
//! A [`TlsConnector`] makes the client's end of a connection, a [`TlsAcceptor`] the server's; both
//! give a [`TlsStream`], which reads and writes as the stream below does.
//!
//! rustls speaks TLS 1.2 and 1.3, checks every certificate, and has no way to forget that. What its
//! configuration can do beyond the builders here, [`rustls`] itself gives.

mod acceptor;
mod acceptor_builder;
mod channel;
mod connector;
mod connector_builder;
mod failure;
mod halves;
mod info;
mod layer;
mod pem;
mod protocols;
mod provider;
mod session;
mod stream;
#[cfg(feature = "__tls-tests")]
#[doc(hidden)]
pub mod test_authority;
mod upgrade;

pub use acceptor::TlsAcceptor;
pub use acceptor_builder::TlsAcceptorBuilder;
pub use connector::TlsConnector;
pub use connector_builder::TlsConnectorBuilder;
pub use halves::{TlsOwnedReadHalf, TlsOwnedWriteHalf, TlsReadHalf, TlsWriteHalf};
pub use info::ConnectionInfo;
pub use rustls;
pub use stream::TlsStream;
pub use upgrade::TlsOutcome;
