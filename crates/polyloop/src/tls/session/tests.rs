//! Two sessions against each other, in memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use polyloop_core::ErrorKind;
use proptest::prelude::*;

use super::super::test_authority::TestAuthority;
use super::super::{TlsAcceptor, TlsAcceptorBuilder, TlsConnector, TlsConnectorBuilder};
use super::*;

/// A client and a server, and what they need to know each other.
struct Pair {
    client: Session,
    server: Session,
}

fn client_of(authority: &TestAuthority) -> TlsConnectorBuilder {
    TlsConnector::builder().root_pem(authority.root()).unwrap()
}

fn server_of(authority: &TestAuthority) -> TlsAcceptorBuilder {
    let identity = authority.server(&["server.test"]);
    TlsAcceptor::builder().certificate_pem(identity.certificate, identity.key).unwrap()
}

fn pair(client: TlsConnectorBuilder, server: TlsAcceptorBuilder) -> Pair {
    let client = client.build().unwrap().session("server.test").unwrap();
    Pair { client, server: server.build().unwrap().session().unwrap() }
}

fn plain_pair() -> Pair {
    let authority = TestAuthority::new();
    pair(client_of(&authority), server_of(&authority))
}

/// Gives all that one session has to send to the other, in pieces of a size.
fn pass(from: &mut Session, to: &mut Session, piece: usize) -> usize {
    let mut passed = 0;
    while !from.outgoing().is_empty() {
        let piece = &from.outgoing()[..piece.min(from.outgoing().len())];
        let taken = to.incoming(piece);
        from.sent(taken);
        passed += taken;
        if taken == 0 {
            break;
        }
    }
    passed
}

impl Pair {
    /// Passes what there is in both directions until there is nothing more.
    fn exchange(&mut self, piece: usize) {
        loop {
            let passed = pass(&mut self.client, &mut self.server, piece)
                + pass(&mut self.server, &mut self.client, piece);
            if passed == 0 {
                return;
            }
        }
    }

    fn shaken(mut self) -> Pair {
        self.exchange(usize::MAX);
        assert!(!self.client.is_handshaking() && !self.server.is_handshaking());
        assert!(self.client.failure().is_none() && self.server.failure().is_none());
        self
    }
}

fn read_all(session: &mut Session) -> Result<(Vec<u8>, bool)> {
    let mut all = Vec::new();
    let mut buf = [0; 1000];
    loop {
        match session.read_plain(&mut buf)? {
            Some(0) => return Ok((all, true)),
            Some(count) => all.extend_from_slice(&buf[..count]),
            None => return Ok((all, false)),
        }
    }
}

fn fails(session: &mut Session, kind: io::ErrorKind, words: &[&str]) {
    let error = session.read_plain(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io(kind), "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word:?} is not in: {error}");
    }
    assert!(!session.is_handshaking());
    assert!(session.write_plain(b"x").is_err());
}

#[test]
fn what_is_written_is_read_and_the_end_is_announced() {
    let mut pair = plain_pair().shaken();
    assert_eq!(pair.client.write_plain(b"question").unwrap(), 8);
    pair.exchange(usize::MAX);
    assert_eq!(read_all(&mut pair.server).unwrap(), (b"question".to_vec(), false));
    pair.client.close_notify();
    pair.client.close_notify();
    pair.exchange(usize::MAX);
    assert_eq!(read_all(&mut pair.server).unwrap(), (vec![], true));
    // One direction has ended, the other goes on; and the transport's end is no surprise now.
    pair.server.eof();
    pair.server.write_plain(b"answer").unwrap();
    pair.exchange(usize::MAX);
    assert_eq!(read_all(&mut pair.client).unwrap(), (b"answer".to_vec(), false));
    let error = pair.client.write_plain(b"more").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io(io::ErrorKind::BrokenPipe), "{error}");
}

#[test]
fn what_is_written_before_the_handshake_waits_for_it() {
    let mut pair = plain_pair();
    assert_eq!(pair.client.write_plain(b"early").unwrap(), 5);
    pair.exchange(usize::MAX);
    assert_eq!(read_all(&mut pair.server).unwrap(), (b"early".to_vec(), false));
}

#[test]
fn a_byte_at_a_time_is_enough() {
    let mut pair = plain_pair();
    pair.client.write_plain(b"slowly").unwrap();
    pair.exchange(1);
    assert_eq!(read_all(&mut pair.server).unwrap(), (b"slowly".to_vec(), false));
}

#[test]
fn an_end_without_close_notify_comes_after_the_bytes_and_says_so() {
    let mut pair = plain_pair().shaken();
    pair.client.write_plain(b"pay 100").unwrap();
    pair.exchange(usize::MAX);
    pair.server.eof();
    let mut buf = [0; 100];
    assert_eq!(pair.server.read_plain(&mut buf).unwrap(), Some(7));
    fails(&mut pair.server, io::ErrorKind::UnexpectedEof, &["without close_notify"]);
    fails(&mut pair.server, io::ErrorKind::UnexpectedEof, &["without close_notify"]);
}

#[test]
fn an_end_within_the_handshake_says_so() {
    let mut pair = plain_pair();
    pair.client.eof();
    fails(&mut pair.client, io::ErrorKind::UnexpectedEof, &["server.test", "handshake"]);
}

#[test]
fn a_certificate_for_another_name_names_both() {
    let authority = TestAuthority::new();
    let identity = authority.server(&["other.test"]);
    let server =
        TlsAcceptor::builder().certificate_pem(identity.certificate, identity.key).unwrap();
    let mut pair = pair(client_of(&authority), server);
    pair.exchange(usize::MAX);
    fails(&mut pair.client, io::ErrorKind::InvalidData, &["TLS with server.test", "other.test"]);
    // The server learns it from the alert, and the end of the transport changes nothing.
    pair.server.eof();
    fails(&mut pair.server, io::ErrorKind::InvalidData, &["alert"]);
}

#[test]
fn an_expired_certificate_says_so_and_of_whom() {
    let authority = TestAuthority::new();
    let identity = authority.expired_server(&["server.test"]);
    let server =
        TlsAcceptor::builder().certificate_pem(identity.certificate, identity.key).unwrap();
    let mut pair = pair(client_of(&authority), server);
    pair.exchange(usize::MAX);
    fails(&mut pair.client, io::ErrorKind::InvalidData, &["TLS with server.test", "expired"]);
    fails(&mut pair.server, io::ErrorKind::InvalidData, &["CertificateExpired"]);
}

#[test]
fn an_authority_that_nobody_trusts_says_so() {
    let mut pair = pair(client_of(&TestAuthority::new()), server_of(&TestAuthority::new()));
    pair.exchange(usize::MAX);
    fails(&mut pair.client, io::ErrorKind::InvalidData, &["server.test", "trusted"]);
}

#[test]
fn plain_text_is_told_from_tls_in_both_roles() {
    let mut pair = plain_pair();
    assert_eq!(pair.server.incoming(b"GET / HTTP/1.1\r\n\r\n"), 18);
    fails(&mut pair.server, io::ErrorKind::InvalidData, &["not TLS", "GET / HT"]);
    // What comes later is taken and ignored.
    assert_eq!(pair.server.incoming(b"Host: x\r\n"), 9);
    for byte in b"220 ready\r\n" {
        assert_eq!(pair.client.incoming(&[*byte]), 1);
    }
    fails(&mut pair.client, io::ErrorKind::InvalidData, &["not TLS", "220 read"]);
}

#[test]
fn ciphertext_that_was_tampered_with_comes_after_what_was_not() {
    let mut pair = plain_pair().shaken();
    pair.client.write_plain(b"genuine").unwrap();
    pair.exchange(usize::MAX);
    pair.client.write_plain(b"changed").unwrap();
    let mut changed = pair.client.outgoing().to_vec();
    *changed.last_mut().unwrap() ^= 1;
    pair.server.incoming(&changed);
    assert_eq!(pair.server.read_plain(&mut [0; 100]).unwrap(), Some(7));
    fails(&mut pair.server, io::ErrorKind::InvalidData, &["decrypt"]);
    assert!(!pair.server.outgoing().is_empty(), "the peer is told");
}

#[test]
fn a_client_certificate_is_required_shown_or_missing() {
    let authority = TestAuthority::new();
    let wants = || server_of(&authority).client_root_pem(authority.root()).unwrap();

    let mut without = pair(client_of(&authority), wants());
    without.exchange(usize::MAX);
    fails(&mut without.server, io::ErrorKind::InvalidData, &["no certificate"]);
    fails(&mut without.client, io::ErrorKind::InvalidData, &["alert CertificateRequired"]);

    let identity = authority.client("client.test");
    let client = client_of(&authority).certificate_pem(identity.certificate, identity.key).unwrap();
    let with = pair(client, wants()).shaken();
    assert_eq!(with.server.connection().peer_certificates().unwrap().len(), 1);

    let optional = pair(client_of(&authority), wants().client_certificate_optional()).shaken();
    assert!(optional.server.connection().peer_certificates().is_none());
}

#[test]
fn application_protocols_are_agreed_upon_or_refused() {
    let authority = TestAuthority::new();
    let agreed = pair(
        client_of(&authority).alpn(&["h2", "http/1.1"]),
        server_of(&authority).alpn(&["http/1.1"]),
    )
    .shaken();
    assert_eq!(agreed.client.connection().alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(agreed.server.connection().alpn_protocol(), Some(&b"http/1.1"[..]));

    let mut refused =
        pair(client_of(&authority).alpn(&["h2"]), server_of(&authority).alpn(&["mqtt"]));
    refused.exchange(usize::MAX);
    fails(&mut refused.server, io::ErrorKind::InvalidData, &["ALPN"]);
    fails(&mut refused.client, io::ErrorKind::InvalidData, &["ALPN", "server.test"]);
}

#[test]
fn buffers_are_bounded_in_both_directions() {
    let mut pair = plain_pair().shaken();
    let block = vec![7; 1 << 20];
    let mut written = 0;
    loop {
        match pair.client.write_plain(&block).unwrap() {
            0 => break,
            count => written += count,
        }
    }
    assert!(written > 0 && pair.client.outgoing().len() < limits::TLS_OUTGOING_MAX + 1024);

    let ciphertext = pair.client.outgoing().to_vec();
    let mut taken = 0;
    loop {
        match pair.server.incoming(&ciphertext[taken..]) {
            0 => break,
            count => taken += count,
        }
    }
    assert!(taken < ciphertext.len(), "plain bytes that nobody reads hold the rest back");
    let mut read = 0;
    while taken < ciphertext.len() || read < written {
        taken += pair.server.incoming(&ciphertext[taken..]);
        read += pair.server.read_plain(&mut [0; 5000]).unwrap().unwrap();
    }
    assert_eq!(read, written);
    pair.client.sent(ciphertext.len());
    assert!(pair.client.outgoing.capacity() <= OUTGOING_KEPT);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn bytes_arrive_however_the_ciphertext_is_split(
        lengths in prop::collection::vec(1usize..40_000, 1..6),
        pieces in prop::collection::vec(1usize..20_000, 1..8),
    ) {
        let mut pair = plain_pair();
        let mut sent = Vec::new();
        let mut received = Vec::new();
        let mut pieces = pieces.iter().cycle();
        for (number, length) in lengths.iter().enumerate() {
            let message = vec![number as u8; *length];
            let mut rest = &message[..];
            while !rest.is_empty() {
                let count = pair.client.write_plain(rest).unwrap();
                sent.extend_from_slice(&rest[..count]);
                rest = &rest[count..];
                pair.exchange(*pieces.next().unwrap());
                received.extend(read_all(&mut pair.server).unwrap().0);
            }
        }
        pair.client.close_notify();
        loop {
            pair.exchange(*pieces.next().unwrap());
            let (bytes, ended) = read_all(&mut pair.server).unwrap();
            received.extend(bytes);
            if ended {
                break;
            }
        }
        prop_assert_eq!(sent, received);
    }
}
