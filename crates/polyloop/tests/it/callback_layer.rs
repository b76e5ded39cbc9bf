//! Transports, protocols and servers in callbacks only.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{Error, Loop, Protocol, Server, TcpListener, Transport, create_connection_with};

const MS: Duration = Duration::from_millis(1);

struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) {
        transport.write(data);
    }
}

/// Connects to itself, sends a word, and stops the loop when it has come back: no task anywhere.
#[test]
fn callbacks_need_no_task() {
    struct Client {
        got: Rc<RefCell<Vec<u8>>>,
    }
    impl Protocol for Client {
        fn connection_made(&mut self, transport: &Transport) {
            transport.writelines([&b"wo"[..], b"rd"]);
        }
        fn data_received(&mut self, transport: &Transport, data: &[u8]) {
            self.got.borrow_mut().extend_from_slice(data);
            if self.got.borrow().len() == 4 {
                transport.close();
            }
        }
        fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
            assert!(error.is_none());
            Loop::current().unwrap().stop();
        }
    }
    let events = polyloop::new_event_loop().unwrap();
    let got = Rc::new(RefCell::new(Vec::new()));
    let shown = got.clone();
    let failed = Rc::new(Cell::new(None));
    let failure = failed.clone();
    let server: Rc<Cell<Option<Server>>> = Rc::default();
    let keep = server.clone();
    events.call_soon(move || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let server = Server::builder().create_server_over(|| Echo, listener).unwrap();
        let address = server.local_addr().unwrap();
        keep.set(Some(server));
        let client = move || Client { got: shown };
        create_connection_with(client, address, |made| drop(made.unwrap())).unwrap();
        let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        create_connection_with(
            || Echo,
            nowhere,
            move |made| {
                failure.set(made.err().map(|error| error.io_kind()));
            },
        )
        .unwrap();
    });
    events.call_later(MS * 20_000, || Loop::current().unwrap().stop());
    events.run_forever().unwrap();
    assert_eq!(*got.borrow(), b"word");
    assert_eq!(failed.get(), Some(std::io::ErrorKind::ConnectionRefused));
    drop(server.take());
}
