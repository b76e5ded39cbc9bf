use std::sync::Arc;

use polyloop::tls::rustls;
use polyloop::tls::rustls::pki_types::CertificateDer;
use polyloop::tls::rustls::pki_types::pem::PemObject;

use super::*;
use crate::run;

/// Connects twice and tells for each end and connection whether it was resumed.
fn resumed_by(connector: TlsConnector, acceptor: TlsAcceptor) -> Vec<bool> {
    run(async move {
        let mut resumed = Vec::new();
        for _ in 0..2 {
            let (client, server) = shake(&connector, &acceptor).await;
            let (mut client, mut server) = (client.unwrap(), server.unwrap());
            // The ticket comes behind the handshake, so something has to be read.
            server.write_all(b"x").await.unwrap();
            client.read(&mut [0; 1]).await.unwrap();
            client.shutdown().await.unwrap();
            server.close().await.unwrap();
            resumed.push(client.connection_info().is_resumed());
        }
        resumed
    })
}

#[test]
fn the_second_connection_resumes_the_session_of_the_first() {
    let authority = TestAuthority::new();
    assert_eq!(resumed_by(connector(&authority), acceptor(&authority)), [false, true]);
}

#[test]
fn so_it_does_in_the_older_version_with_a_configuration_of_ones_own() {
    let authority = TestAuthority::new();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.root().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    assert_eq!(resumed_by(connector, acceptor(&authority)), [false, true]);
}
