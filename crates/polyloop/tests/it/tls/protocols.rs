//! TLS under protocols.

use std::cell::RefCell;
use std::rc::Rc;

use polyloop::{Error, ErrorKind, Protocol, Transport, connect_accepted_socket};

use super::*;
use crate::run;

/// Sends back what comes.
struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) {
        transport.write(data);
    }
}

/// What a protocol was told.
#[derive(Clone, Default)]
struct Told {
    data: Rc<RefCell<Vec<u8>>>,
    lost: Rc<RefCell<Option<Option<Error>>>>,
    changed: Rc<polyloop::sync::Event>,
}

impl Protocol for Told {
    fn data_received(&mut self, _: &Transport, data: &[u8]) {
        self.data.borrow_mut().extend_from_slice(data);
        self.changed.set();
    }

    fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
        *self.lost.borrow_mut() = Some(error);
        self.changed.set();
    }
}

impl Told {
    async fn until(&self, holds: impl Fn(&Told) -> bool) {
        while !holds(self) {
            self.changed.clear();
            self.changed.wait().await;
        }
    }
}

#[test]
fn protocols_speak_tls_from_the_start() {
    run(async {
        let authority = TestAuthority::new();
        let server = acceptor(&authority).create_server(|| Echo, "127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let told = Told::default();
        let factory = told.clone();
        let connector = connector(&authority);
        let transport = connector.create_connection(move || factory, NAME, address).await.unwrap();
        assert_eq!(transport.extra_info().tls().unwrap().protocol(), "TLSv1_3");
        let sent: Vec<u8> = (0..300_000).map(|n| (n >> 3) as u8).collect();
        transport.write(&sent);
        told.until(|told| told.data.borrow().len() >= sent.len()).await;
        assert!(*told.data.borrow() == sent);
        transport.close();
        told.until(|told| told.lost.borrow().is_some()).await;
        assert!(told.lost.borrow().as_ref().unwrap().is_none(), "{:?}", told.lost);

        let refused = connector.create_connection(Told::default, "other.test", address);
        assert!(refused.await.unwrap_err().to_string().contains("other.test"));
        server.close();
        server.wait_closed().await;
    });
}

/// Two transports over a new connection.
async fn transports() -> [(Told, Transport); 2] {
    let (client, server) = pair().await;
    [client, server].map(|stream| {
        let told = Told::default();
        let factory = told.clone();
        (told, connect_accepted_socket(move || factory, stream))
    })
}

#[test]
fn an_open_transport_goes_over_to_tls_in_both_roles() {
    run(async {
        let authority = TestAuthority::new();
        let [(client_told, client), (told, server)] = transports().await;
        client.write(b"STARTTLS");
        told.until(|told| *told.data.borrow() == b"STARTTLS").await;
        let connector = connector(&authority);
        let upgraded = client.clone();
        let upgrading = create_task(async move { connector.start_tls_on(NAME, &upgraded).await });
        acceptor(&authority).start_tls_on(&server).await.unwrap();
        upgrading.await.unwrap().unwrap();
        server.write(b"through TLS");
        client_told.until(|told| *told.data.borrow() == b"through TLS").await;
        client.write(b", too");
        told.until(|told| *told.data.borrow() == b"STARTTLS, too").await;
        assert!(server.extra_info().tls().is_some());

        let again = acceptor(&authority).start_tls_on(&server).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::InvalidInput, "{again}");
        server.write(b"!");
        client_told.until(|told| told.data.borrow().ends_with(b"!")).await;
    });
}

#[test]
fn an_upgrade_that_fails_loses_the_connection_with_its_reason() {
    run(async {
        let [(client_told, client), (_, server)] = transports().await;
        server.write(b"220 this is no TLS\r\n");
        let connector = connector(&TestAuthority::new());
        let error = connector.start_tls_on(NAME, &client).await.unwrap_err();
        assert!(error.to_string().contains("220"), "{error}");
        client_told.until(|told| told.lost.borrow().is_some()).await;
        let lost = client_told.lost.borrow().as_ref().unwrap().clone().unwrap();
        assert!(lost.to_string().contains("220"), "{lost}");
        assert_eq!(*client_told.data.borrow(), b"");
    });
}
