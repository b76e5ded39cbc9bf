//! Certificates and keys as they stand in files.

use std::fmt;
use std::path::Path;

use polyloop_core::{Error, ErrorKind, Result};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

fn file(path: &Path, what: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        Error::from(error).attempting(format_args!("read the {what} {}", path.display()))
    })
}

/// Gives all certificates of a PEM text, of which there has to be one.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|error| invalid("a certificate in PEM", error))?;
    if certificates.is_empty() {
        return Err(invalid("a certificate in PEM", "there is none"));
    }
    Ok(certificates)
}

/// Gives the first private key of a PEM text.
fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| invalid("a private key in PEM", error))
}

/// A certificate with the chain that certifies it, and its key.
pub(super) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Reads a chain and its key from two texts.
pub(super) fn identity(chain: &[u8], key_pem: &[u8]) -> Result<Identity> {
    Ok((certificates(chain)?, key(key_pem)?))
}

/// Reads a chain and its key from two files.
pub(super) fn identity_files(chain: &Path, key_path: &Path) -> Result<Identity> {
    let certificates =
        certificates(&file(chain, "certificate")?).map_err(|error| within(chain, error))?;
    let key = key(&file(key_path, "private key")?).map_err(|error| within(key_path, error))?;
    Ok((certificates, key))
}

/// Reads the certificates of a file and trusts them.
pub(super) fn add_root_file(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    add_roots(roots, &file(path, "root certificates")?).map_err(|error| within(path, error))
}

/// Adds the certificates of a PEM text to those that are trusted.
pub(super) fn add_roots(roots: &mut RootCertStore, pem: &[u8]) -> Result<()> {
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(|error| invalid("a root certificate", error))?;
    }
    Ok(())
}

/// Makes the error of something that cannot be used.
pub(super) fn invalid(what: &str, why: impl fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidInput).attempting(format_args!("use {what}: {why}"))
}

/// Says of which file something is.
fn within(path: &Path, error: Error) -> Error {
    error.attempting(path.display())
}
