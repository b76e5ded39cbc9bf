use rustls::pki_types::CertificateDer;
use rustls::{Connection, HandshakeKind};

use super::session::Session;
use crate::wire::Wire;

/// What the two ends of a TLS stream agreed upon.
#[derive(Clone, Debug)]
pub struct ConnectionInfo {
    protocol: &'static str,
    cipher_suite: &'static str,
    alpn: Option<Vec<u8>>,
    server_name: Option<String>,
    peer_certificates: Vec<CertificateDer<'static>>,
    resumed: bool,
}

impl ConnectionInfo {
    pub(super) fn of(session: &Session) -> ConnectionInfo {
        let connection = session.connection();
        let suite = connection.negotiated_cipher_suite();
        let server_name = match connection {
            Connection::Client(_) => Some(session.peer()),
            Connection::Server(server) => server.server_name(),
        };
        ConnectionInfo {
            protocol: connection.protocol_version().and_then(|v| v.as_str()).unwrap_or("unknown"),
            cipher_suite: suite.and_then(|suite| suite.suite().as_str()).unwrap_or("unknown"),
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            server_name: server_name.map(str::to_owned),
            peer_certificates: connection.peer_certificates().unwrap_or_default().to_vec(),
            resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        }
    }

    /// Tells of a wire that speaks TLS and has shaken hands.
    pub(crate) fn of_wire(wire: &Wire) -> Option<ConnectionInfo> {
        wire.with_layer(|layer| {
            let session = layer.as_any()?.downcast_ref::<Session>()?;
            (!session.is_handshaking()).then(|| ConnectionInfo::of(session))
        })?
    }

    /// Gives the version of the protocol, such as `TLSv1_3`.
    pub fn protocol(&self) -> &str {
        self.protocol
    }

    /// Gives the cipher suite, such as `TLS13_AES_256_GCM_SHA384`.
    pub fn cipher_suite(&self) -> &str {
        self.cipher_suite
    }

    /// Gives the application protocol (ALPN), such as `h2`; nothing if none was offered or taken.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.alpn.as_deref()
    }

    /// Gives the name of the server: as the client checked it, or as the client asked for it
    /// (SNI), which those that connect to a numeric address do not.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// Gives the chain that the peer presented, in DER, its own certificate first; nothing of a
    /// client that presented none.
    pub fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        &self.peer_certificates
    }

    /// Tells whether an earlier session was resumed, which saved checking certificates.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }
}
