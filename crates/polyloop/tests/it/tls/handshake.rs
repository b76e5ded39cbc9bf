use std::io;
use std::time::Duration;

use polyloop::{ErrorKind, sleep};

use super::*;
use crate::run;

fn assert_says(error: &polyloop::Error, kind: io::ErrorKind, words: &[&str]) {
    assert_eq!(error.kind(), ErrorKind::Io(kind), "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word:?} is not in: {error}");
    }
}

#[test]
fn a_wrong_name_and_an_expired_certificate_name_the_host() {
    run(async {
        let authority = TestAuthority::new();
        let connector = connector(&authority);
        let identities = [
            (authority.server(&["other.test"]), "only valid for"),
            (authority.expired_server(&[NAME]), "expired"),
        ];
        for (identity, word) in identities {
            let acceptor = TlsAcceptor::builder()
                .certificate_pem(identity.certificate, identity.key)
                .unwrap()
                .build()
                .unwrap();
            let (client, server) = shake(&connector, &acceptor).await;
            assert_says(&client.unwrap_err(), io::ErrorKind::InvalidData, &[NAME, word]);
            assert_says(&server.unwrap_err(), io::ErrorKind::InvalidData, &["a client", "alert"]);
        }
    });
}

#[test]
fn a_numeric_address_is_a_name_too() {
    run(async {
        let authority = TestAuthority::new();
        let identity = authority.server(&["127.0.0.1"]);
        let acceptor = TlsAcceptor::builder()
            .certificate_pem(identity.certificate, identity.key)
            .unwrap()
            .build()
            .unwrap();
        let (client, server) = pair().await;
        let connector = connector(&authority);
        let client = create_task(async move { connector.connect("127.0.0.1", client).await });
        let server = acceptor.accept(server).await.unwrap();
        client.await.unwrap().unwrap();
        assert_eq!(server.connection_info().server_name(), None);
    });
}

#[test]
fn a_name_that_no_certificate_can_have_is_refused() {
    run(async {
        let (client, _server) = pair().await;
        let error = connector(&TestAuthority::new()).connect("no name", client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("no name"), "{error}");
    });
}

#[test]
fn plain_text_at_a_tls_port_says_so_and_the_client_gets_an_answer() {
    run(async {
        let (mut client, server) = pair().await;
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let error = acceptor(&TestAuthority::new()).accept(server).await.unwrap_err();
        assert_says(&error, io::ErrorKind::InvalidData, &["not TLS", "GET / HT"]);
        // A fatal alert (RFC 8446, section 6).
        let mut buf = [0; 100];
        let count = client.read(&mut buf).await.unwrap();
        assert_eq!((count, buf[0]), (7, 21));
    });
}

#[test]
fn a_client_without_the_certificate_that_is_required_learns_it() {
    run(async {
        let authority = TestAuthority::new();
        let acceptor =
            server_builder(&authority).client_root_pem(authority.root()).unwrap().build().unwrap();
        let (client, server) = shake(&connector(&authority), &acceptor).await;
        assert_says(&server.unwrap_err(), io::ErrorKind::InvalidData, &["no certificate"]);
        // In TLS 1.3 a client is through before the server has looked at what it sent.
        let error = client.unwrap().read(&mut [0; 10]).await.unwrap_err();
        assert_says(&error, io::ErrorKind::InvalidData, &["CertificateRequired", NAME]);
    });
}

#[test]
fn a_peer_that_says_nothing_is_given_up_in_either_role() {
    run(async {
        let authority = TestAuthority::new();
        let soon = Duration::from_millis(50);
        let (client, _silent) = pair().await;
        let error =
            connector(&authority).handshake_timeout(soon).connect(NAME, client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(error.to_string().contains("TLS with server.test"), "{error}");

        let (_silent, server) = pair().await;
        let error = acceptor(&authority).handshake_timeout(soon).accept(server).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    });
}

#[test]
fn a_peer_that_leaves_in_the_middle_says_nothing_more() {
    run(async {
        let (client, mut server) = pair().await;
        let leaves = create_task(async move {
            server.read(&mut [0; 10]).await.unwrap();
            // What was not read makes this a reset on some systems.
            while let Ok(Ok(1..)) =
                polyloop::timeout(Duration::from_millis(20), server.read(&mut [0; 4096])).await
            {
            }
        });
        let error = connector(&TestAuthority::new()).connect(NAME, client).await.unwrap_err();
        assert_says(&error, io::ErrorKind::UnexpectedEof, &["handshake", NAME]);
        leaves.await.unwrap();
    });
}

#[test]
fn a_byte_at_a_time_is_enough() {
    run(async {
        let authority = TestAuthority::new();
        let (near, far) = relayed(1).await;
        let (client, server) =
            shake_over(&connector(&authority), near, &acceptor(&authority), far).await;
        let (mut client, mut server) = (client.unwrap(), server.unwrap());
        client.write_all(b"slowly").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(read_to_end(&mut server).await.unwrap(), b"slowly");
    });
}

#[test]
fn a_handshake_that_is_cancelled_closes_the_connection() {
    run(async {
        let (client, mut server) = pair().await;
        let connector = connector(&TestAuthority::new());
        let task = create_task(async move { connector.connect(NAME, client).await });
        server.read(&mut [0; 4096]).await.unwrap();
        task.cancel();
        while server.read(&mut [0; 4096]).await.unwrap() > 0 {}
        sleep(Duration::ZERO).await;
        assert!(task.done());
    });
}

#[test]
fn a_configuration_that_cannot_work_is_refused_with_the_reason() {
    let refused = |error: polyloop::Error, words: &[&str]| {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        for word in words {
            assert!(error.to_string().contains(word), "{word:?} is not in: {error}");
        }
    };
    let (one, other) = (TestAuthority::new().server(&[NAME]), TestAuthority::new().server(&[NAME]));
    refused(TlsConnector::builder().build().unwrap_err(), &["trusts no authority"]);
    refused(TlsAcceptor::builder().build().unwrap_err(), &["no certificate"]);
    refused(TlsConnector::builder().root_pem("no PEM").unwrap_err(), &["certificate"]);
    let swapped = TlsAcceptor::builder().certificate_pem(&one.key, &one.certificate);
    refused(swapped.unwrap_err(), &["certificate", "there is none"]);
    let mixed = TlsAcceptor::builder().certificate_pem(one.certificate, other.key).unwrap();
    refused(mixed.build().unwrap_err(), &["server's certificate", "KeyMismatch"]);
    let missing = TlsConnector::builder().root_file("no/such/file.pem").unwrap_err();
    assert_says(&missing, io::ErrorKind::NotFound, &["no/such/file.pem"]);
    let unfit = TlsConnector::builder().root_file("Cargo.toml").unwrap_err();
    refused(unfit, &["Cargo.toml"]);
}

#[cfg(feature = "tls-native-roots")]
#[test]
fn the_systems_roots_are_found_or_said_to_be_missing() {
    match TlsConnector::builder().native_roots() {
        Ok(builder) => drop(builder.build().unwrap()),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("the system's root"), "{error}");
        }
    }
}
