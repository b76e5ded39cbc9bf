use std::fmt;
use std::path::Path;
use std::sync::Arc;

use polyloop_core::Result;
use rustls::{ClientConfig, RootCertStore};

use super::connector::TlsConnector;
use super::pem::{self, Identity};
use super::provider::provider;

/// Says whom a client trusts, and who it is; made by [`TlsConnector::builder`](super::TlsConnector::builder).
///
/// The files are read at once and on this thread, so this belongs to a program's start. For what is
/// not here, hand an `Arc<rustls::ClientConfig>` to [`TlsConnector::new`](super::TlsConnector::new).
#[must_use]
pub struct TlsConnectorBuilder {
    roots: RootCertStore,
    identity: Option<Identity>,
    alpn: Vec<Vec<u8>>,
}

impl TlsConnectorBuilder {
    pub(super) fn new() -> TlsConnectorBuilder {
        TlsConnectorBuilder { roots: RootCertStore::empty(), identity: None, alpn: Vec::new() }
    }

    /// Trusts the authorities whose certificates a PEM file holds.
    ///
    /// # Errors
    ///
    /// What reading the file gave, or *invalid input* if it holds no certificate, naming the file.
    pub fn root_file(mut self, path: impl AsRef<Path>) -> Result<TlsConnectorBuilder> {
        pem::add_root_file(&mut self.roots, path.as_ref())?;
        Ok(self)
    }

    /// Trusts the authorities whose certificates stand in a PEM text.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is no certificate in it.
    pub fn root_pem(mut self, pem: impl AsRef<[u8]>) -> Result<TlsConnectorBuilder> {
        pem::add_roots(&mut self.roots, pem.as_ref())?;
        Ok(self)
    }

    /// Trusts the authorities that the system trusts.
    ///
    /// Certificates of the store that cannot be read are passed over, as other programs do. Linux and
    /// the BSDs: the files of OpenSSL, also where `SSL_CERT_FILE` and `SSL_CERT_DIR` say; macOS:
    /// the keychain; Windows: the certificate store.
    ///
    /// # Errors
    ///
    /// *Invalid input* if not one was found, saying why.
    #[cfg(feature = "tls-native-roots")]
    pub fn native_roots(mut self) -> Result<TlsConnectorBuilder> {
        let found = rustls_native_certs::load_native_certs();
        let (added, _passed_over) = self.roots.add_parsable_certificates(found.certs);
        if added == 0 {
            let why: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
            return Err(pem::invalid("the system's root certificates", why.join(", ")));
        }
        Ok(self)
    }

    /// Presents a certificate to servers that ask for one: PEM files of its chain and of its key.
    ///
    /// # Errors
    ///
    /// What reading gave, or *invalid input* if a file does not hold that, naming the file.
    pub fn certificate_files(
        self,
        chain: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<TlsConnectorBuilder> {
        let identity = Some(pem::identity_files(chain.as_ref(), key.as_ref())?);
        Ok(TlsConnectorBuilder { identity, ..self })
    }

    /// Presents a certificate to servers that ask for one: PEM texts of its chain and of its key.
    ///
    /// # Errors
    ///
    /// *Invalid input* if one does not hold that.
    pub fn certificate_pem(
        self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<TlsConnectorBuilder> {
        let identity = Some(pem::identity(chain.as_ref(), key.as_ref())?);
        Ok(TlsConnectorBuilder { identity, ..self })
    }

    /// Offers these application protocols (ALPN), the first being the one liked best.
    pub fn alpn(mut self, protocols: &[&str]) -> TlsConnectorBuilder {
        self.alpn = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    /// Makes the connector.
    ///
    /// # Errors
    ///
    /// *Invalid input* if nobody is trusted, or the certificate and its key do not belong together.
    pub fn build(self) -> Result<TlsConnector> {
        if self.roots.is_empty() {
            return Err(pem::invalid(
                "a TLS client",
                "it trusts no authority, so no server either",
            ));
        }
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| pem::invalid("the provider of cryptography", error))?
            .with_root_certificates(self.roots);
        let mut config = match self.identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| pem::invalid("the client's certificate", error))?,
        };
        config.alpn_protocols = self.alpn;
        Ok(TlsConnector::new(Arc::new(config)))
    }
}

impl fmt::Debug for TlsConnectorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnectorBuilder")
            .field("roots", &self.roots.len())
            .field("presents_certificate", &self.identity.is_some())
            .finish_non_exhaustive()
    }
}
