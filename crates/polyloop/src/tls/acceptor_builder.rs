use std::fmt;
use std::path::Path;
use std::sync::Arc;

use polyloop_core::Result;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::acceptor::TlsAcceptor;
use super::pem::{self, Identity};
use super::provider::provider;

/// Says who a server is, and which clients it takes; made by
/// [`TlsAcceptor::builder`](super::TlsAcceptor::builder).
///
/// The files are read at once and on this thread, so this belongs to a program's start. For what is
/// not here (a certificate for each of several names, keys in hardware), hand an
/// `Arc<rustls::ServerConfig>` to [`TlsAcceptor::new`](super::TlsAcceptor::new).
#[must_use]
pub struct TlsAcceptorBuilder {
    identity: Option<Identity>,
    client_roots: RootCertStore,
    client_may_be_anonymous: bool,
    alpn: Vec<Vec<u8>>,
}

impl TlsAcceptorBuilder {
    pub(super) fn new() -> TlsAcceptorBuilder {
        TlsAcceptorBuilder {
            identity: None,
            client_roots: RootCertStore::empty(),
            client_may_be_anonymous: false,
            alpn: Vec::new(),
        }
    }

    /// Presents this certificate: PEM files of its chain, the server's own first, and of its key.
    ///
    /// # Errors
    ///
    /// What reading gave, or *invalid input* if a file does not hold that, naming the file.
    pub fn certificate_files(
        self,
        chain: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<TlsAcceptorBuilder> {
        let identity = Some(pem::identity_files(chain.as_ref(), key.as_ref())?);
        Ok(TlsAcceptorBuilder { identity, ..self })
    }

    /// Presents this certificate: PEM texts of its chain, the server's own first, and of its key.
    ///
    /// # Errors
    ///
    /// *Invalid input* if one does not hold that.
    pub fn certificate_pem(
        self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<TlsAcceptorBuilder> {
        let identity = Some(pem::identity(chain.as_ref(), key.as_ref())?);
        Ok(TlsAcceptorBuilder { identity, ..self })
    }

    /// Takes only clients with a certificate of an authority that a PEM file holds.
    ///
    /// # Errors
    ///
    /// What reading the file gave, or *invalid input* if it holds no certificate, naming the file.
    pub fn client_root_file(mut self, path: impl AsRef<Path>) -> Result<TlsAcceptorBuilder> {
        pem::add_root_file(&mut self.client_roots, path.as_ref())?;
        Ok(self)
    }

    /// Takes only clients with a certificate of an authority that stands in a PEM text.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is no certificate in it.
    pub fn client_root_pem(mut self, pem: impl AsRef<[u8]>) -> Result<TlsAcceptorBuilder> {
        pem::add_roots(&mut self.client_roots, pem.as_ref())?;
        Ok(self)
    }

    /// Takes clients without a certificate too, where authorities for those that have one were
    /// given; [`ConnectionInfo::peer_certificates`](super::ConnectionInfo::peer_certificates) tells which it is.
    pub fn client_certificate_optional(mut self) -> TlsAcceptorBuilder {
        self.client_may_be_anonymous = true;
        self
    }

    /// Speaks these application protocols (ALPN), the first being the one liked best. A client
    /// that offers only others is refused; one that offers none is not.
    pub fn alpn(mut self, protocols: &[&str]) -> TlsAcceptorBuilder {
        self.alpn = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    /// Makes the acceptor.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is no certificate, or it and its key do not belong together.
    pub fn build(self) -> Result<TlsAcceptor> {
        let Some((chain, key)) = self.identity else {
            return Err(pem::invalid("a TLS server", "it has no certificate"));
        };
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| pem::invalid("the provider of cryptography", error))?;
        let builder = if self.client_roots.is_empty() {
            builder.with_no_client_auth()
        } else {
            let verifier = WebPkiClientVerifier::builder_with_provider(
                Arc::new(self.client_roots),
                provider(),
            );
            let verifier = match self.client_may_be_anonymous {
                true => verifier.allow_unauthenticated(),
                false => verifier,
            };
            builder.with_client_cert_verifier(
                verifier
                    .build()
                    .map_err(|error| pem::invalid("the clients' authorities", error))?,
            )
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| pem::invalid("the server's certificate", error))?;
        config.alpn_protocols = self.alpn;
        Ok(TlsAcceptor::new(Arc::new(config)))
    }
}

impl fmt::Debug for TlsAcceptorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsAcceptorBuilder")
            .field("presents_certificate", &self.identity.is_some())
            .field("client_roots", &self.client_roots.len())
            .finish_non_exhaustive()
    }
}
