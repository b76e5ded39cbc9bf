//! The dialogue of every backend, over TLS.

use polyloop::{Protocol, Server, StreamReader, StreamWriter};

use super::*;
use crate::dialogue::streams::{Over, hold_all};

/// Starts a server of protocols over TLS, and connects to it.
pub(crate) async fn server_and_client<P: Protocol>(
    factory: impl Fn() -> P + 'static,
) -> (Server, (StreamReader, StreamWriter)) {
    let authority = TestAuthority::new();
    let server = acceptor(&authority).create_server(factory, "127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let client = connector(&authority).open_connection(NAME, address).await.unwrap();
    (server, client)
}

#[test]
fn a_dialogue_has_the_same_events_on_every_backend() {
    hold_all(Over::Tls, 40);
}
