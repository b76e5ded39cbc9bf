//! Why a TLS conversation failed, in words.

use std::io;

use polyloop_core::{Error, ErrorKind};
use rustls::{AlertDescription, CertificateError};

/// Why a conversation cannot go on.
pub(super) enum Failure {
    /// The rules of TLS, a certificate, or the peer's word.
    Tls(rustls::Error),
    /// The transport ended before the handshake did.
    EndInHandshake,
    /// The transport ended without the peer's `close_notify`.
    Truncated,
    /// A message is longer than rustls buffers.
    TooLong,
}

/// The first few bytes that came from the peer.
#[derive(Default)]
pub(super) struct FirstBytes {
    bytes: [u8; 8],
    len: usize,
}

impl Failure {
    /// Makes the error that says so: about whom, and what came first from there.
    pub(super) fn to_error(&self, peer: &str, first: &FirstBytes) -> Error {
        let (kind, why) = match self {
            Failure::Tls(rustls::Error::InvalidMessage(_)) if !first.is_tls() => (
                io::ErrorKind::InvalidData,
                format!("what came first is not TLS: \"{}\"", first.bytes().escape_ascii()),
            ),
            Failure::Tls(error) => (io::ErrorKind::InvalidData, words(error)),
            Failure::EndInHandshake => (
                io::ErrorKind::UnexpectedEof,
                String::from("the connection ended in the middle of the handshake"),
            ),
            Failure::Truncated => (
                io::ErrorKind::UnexpectedEof,
                String::from(
                    "the connection ended without close_notify, so bytes may be missing at the end",
                ),
            ),
            Failure::TooLong => {
                (io::ErrorKind::InvalidData, String::from("a message is longer than is accepted"))
            }
        };
        Error::new(ErrorKind::Io(kind)).attempting(format_args!("TLS with {peer}: {why}"))
    }
}

impl FirstBytes {
    /// Keeps what comes first of what came.
    pub(super) fn note(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(self.bytes.len() - self.len);
        self.bytes[self.len..self.len + count].copy_from_slice(&bytes[..count]);
        self.len += count;
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Tells whether this can be the beginning of TLS: the type of a record (RFC 8446, section
    /// 5.1, and RFC 6520 for the last one).
    fn is_tls(&self) -> bool {
        self.bytes().first().is_none_or(|first| (20..=24).contains(first))
    }
}

/// Says what rustls means, where its own words are for those who know TLS.
fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::NoCertificatesPresented => String::from("no certificate was presented"),
        rustls::Error::NoApplicationProtocol
        | rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            String::from("no application protocol (ALPN) is common to both ends")
        }
        rustls::Error::AlertReceived(alert) => format!("the peer gave up with the alert {alert:?}"),
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => String::from(
            "invalid peer certificate: its issuer is not among the trusted roots (UnknownIssuer)",
        ),
        error => error.to_string(),
    }
}
