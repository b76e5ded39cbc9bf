use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Address, DatagramEndpoint, DatagramProtocol, DatagramTransport, Error, ErrorKind, OptionName,
    SocketOption, create_datagram_endpoint, sleep, timeout,
};

use crate::{Log, run};

const MS: Duration = Duration::from_millis(1);

struct Noting {
    log: Log,
    echoes: bool,
    got: Rc<RefCell<Vec<Vec<u8>>>>,
}

impl Noting {
    fn new(log: &Log, echoes: bool) -> (Noting, Rc<RefCell<Vec<Vec<u8>>>>) {
        let got = Rc::default();
        (Noting { log: log.clone(), echoes, got: Rc::clone(&got) }, got)
    }
}

impl DatagramProtocol for Noting {
    fn connection_made(&mut self, transport: &DatagramTransport) {
        assert!(transport.extra_info().sockname().is_some());
        self.log.push("made");
    }

    fn datagram_received(&mut self, transport: &DatagramTransport, data: &[u8], from: &Address) {
        self.got.borrow_mut().push(data.to_vec());
        assert!(data != b"!", "as asked");
        if self.echoes {
            transport.sendto(data, from.clone());
        }
    }

    fn error_received(&mut self, _: &DatagramTransport, error: Error) {
        self.log.push(format!("error {:?}", error.io_kind()));
    }

    fn connection_lost(&mut self, _: &DatagramTransport, error: Option<Error>) {
        assert!(error.is_none());
        self.log.push("lost");
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(MS).await;
        }
    };
    timeout(MS * 5000, waiting).await.unwrap_or_else(|_| panic!("in time: {what}"));
}

#[test]
fn datagrams_go_there_and_back_the_empty_one_too() {
    run(async {
        let (log, other) = (Log::default(), Log::default());
        let (echo, _) = Noting::new(&other, true);
        let echo = create_datagram_endpoint(|| echo, "127.0.0.1:0").await.unwrap();
        let there = echo.extra_info().sockname().unwrap();
        let (client, got) = Noting::new(&log, false);
        let client = create_datagram_endpoint(|| client, "127.0.0.1:0").await.unwrap();
        assert_eq!(log.take(), ["made"]);
        let sent: [&[u8]; 4] = [b"one", b"", &[7; 60_000], b"four"];
        for data in sent {
            client.sendto(data, there.clone());
        }
        until("all come back", || got.borrow().len() == 4).await;
        assert_eq!(*got.borrow(), sent);
        client.close();
        assert!(client.is_closing());
        until("it is lost", || log.take() == ["lost"]).await;
        client.sendto(b"too late", there);
        echo.abort();
        until("it is lost", || other.take().ends_with(&["lost".to_owned()])).await;
    });
}

#[test]
fn a_connected_socket_needs_no_address_and_is_told_that_nobody_listens() {
    run(async {
        let log = Log::default();
        let (echo, _) = Noting::new(&log, true);
        let echo = create_datagram_endpoint(|| echo, "127.0.0.1:0").await.unwrap();
        let there = echo.extra_info().sockname().unwrap().as_ip().unwrap();
        let mine = Log::default();
        let (client, got) = Noting::new(&mine, false);
        let client = DatagramEndpoint::to(there).unwrap().open(|| client).await.unwrap();
        assert_eq!(client.extra_info().peername().unwrap().as_ip(), Some(there));
        client.sendto(b"hello", None);
        until("it comes back", || *got.borrow() == [b"hello"]).await;
        if cfg!(target_os = "linux") {
            echo.abort();
            until("it is lost", || log.take().ends_with(&["lost".to_owned()])).await;
            let told = || mine.0.borrow().iter().any(|entry| entry == "error ConnectionRefused");
            until("it is told", || {
                client.sendto(b"anybody?", None);
                told()
            })
            .await;
        }
    });
}

#[test]
fn a_panic_in_a_method_closes_that_socket_only() {
    run(async {
        let log = Log::default();
        let (bad, _) = Noting::new(&log, true);
        let bad = create_datagram_endpoint(|| bad, "127.0.0.1:0").await.unwrap();
        let (client, got) = Noting::new(&Log::default(), true);
        let client = create_datagram_endpoint(|| client, "127.0.0.1:0").await.unwrap();
        polyloop::Loop::current().unwrap().set_exception_handler(|context| {
            assert_eq!(context.message, "a protocol panicked in datagram_received");
        });
        client.sendto(b"!", bad.extra_info().sockname());
        until("it is lost", || log.take().contains(&"lost".to_owned())).await;
        assert!(bad.is_closing() && got.borrow().is_empty());
        client.sendto(b"to itself", client.extra_info().sockname());
        until("the other lives", || got.borrow().len() >= 2).await;
        client.abort();
    });
}

#[test]
fn addresses_options_and_marks_are_told() {
    run(async {
        let (echo, _) = Noting::new(&Log::default(), true);
        let echo = create_datagram_endpoint(|| echo, "127.0.0.1:0").await.unwrap();
        let info = echo.extra_info();
        let there = info.sockname().unwrap().as_ip().unwrap();
        assert!(there.ip().is_loopback() && info.peername().is_none());
        info.set_option(SocketOption::Broadcast(true)).unwrap();
        assert_eq!(info.option(OptionName::Broadcast).unwrap(), SocketOption::Broadcast(true));

        let log = Log::default();
        let (client, _) = Noting::new(&log, false);
        let client = DatagramEndpoint::to(there).unwrap().open(|| client).await.unwrap();
        assert_eq!(client.write_buffer_limits(), (16 * 1024, 64 * 1024));
        client.set_write_buffer_limits(4, None);
        assert_eq!(client.write_buffer_limits(), (1, 4));
        let info = client.extra_info();
        client.close();
        until("it is lost", || log.take().contains(&"lost".to_owned())).await;
        assert_eq!(info.peername().unwrap().as_ip(), Some(there), "nobody asked before the close");
        assert!(info.sockname().is_none());
        assert_eq!(info.option(OptionName::Broadcast).unwrap_err().kind(), ErrorKind::StaleKey);
        #[cfg(feature = "tls")]
        assert!(info.tls().is_none());
    });
}

/// Sends anew whenever it is told that nobody is there.
struct Insisting {
    told: Rc<std::cell::Cell<u32>>,
}

impl DatagramProtocol for Insisting {
    fn connection_made(&mut self, transport: &DatagramTransport) {
        transport.sendto(b"is anybody there?", None);
    }

    fn datagram_received(&mut self, _: &DatagramTransport, _: &[u8], _: &Address) {}

    fn error_received(&mut self, transport: &DatagramTransport, _: Error) {
        self.told.set(self.told.get() + 1);
        transport.sendto(b"really nobody?", None);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn receiving_that_fails_again_and_again_does_not_keep_the_loop_busy() {
    run(async {
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = nobody.local_addr().unwrap();
        let told = Rc::new(std::cell::Cell::new(0));
        let insisting = Insisting { told: told.clone() };
        let endpoint = DatagramEndpoint::to(address).unwrap().open(|| insisting).await.unwrap();
        drop(nobody);
        endpoint.sendto(b"nobody", None);
        let begun = std::time::Instant::now();
        until("it is told again and again", || told.get() >= 5).await;
        sleep(MS * 200).await;
        // 20 a second, and a few that came before it paused.
        let allowed = 10 + begun.elapsed().as_millis() as u32 / 20;
        assert!(told.get() < allowed, "told {} times, not {allowed}", told.get());
        endpoint.close();
    });
}
