//! Connecting to hosts: names, happy eyeballs, errors of several attempts.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use polyloop::{
    Dial, ErrorKind, HostAddress, Loop, TcpListener, TcpStream, ToHostAddress, create_task, sleep,
    wait_for,
};
use socket2::{Domain, Socket, Type};

use crate::allocations::allocations;
use crate::names::script;
use crate::run;

/// A time by which no attempt fails by itself, and which no test reaches.
const LONG: Duration = Duration::from_secs(20);

/// An address at which nobody listens: the system keeps it from others as long as the socket lives.
fn refused(ip: &str) -> (SocketAddr, Socket) {
    let address = SocketAddr::new(ip.parse().unwrap(), 0);
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    socket.bind(&address.into()).unwrap();
    (socket.local_addr().unwrap().as_socket().unwrap(), socket)
}

/// A listener that answers nobody: its backlog is full.
struct BlackHole {
    address: SocketAddr,
    _parts: Vec<Socket>,
}

impl BlackHole {
    fn new() -> BlackHole {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut parts = vec![listener];
        for _ in 0..64 {
            let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            if filler.connect_timeout(&address, Duration::from_millis(300)).is_err() {
                return BlackHole { address: address.as_socket().unwrap(), _parts: parts };
            }
            parts.push(filler);
        }
        panic!("a listener without a backlog took 64 connections");
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Waits until the loop holds that many resources, and no op is in flight.
async fn until_resources(count: usize) {
    let events = Loop::current().unwrap();
    for _ in 0..2000 {
        let census = events.census();
        if (census.resources, census.ops) == (count, 0) {
            return;
        }
        sleep(Duration::from_millis(1)).await;
    }
    panic!("the loop holds {:?}, not {count} resources", events.census());
}

#[test]
fn a_stream_connects_to_a_host_by_name() {
    run(async {
        let (listener, address) = listener().await;
        let port = address.port();
        let text = format!("localhost:{port}");
        for round in 0..4 {
            let stream = match round {
                0 => TcpStream::connect(&text).await,
                1 => TcpStream::connect(("localhost", port)).await,
                2 => TcpStream::connect(("localhost".to_owned(), port)).await,
                _ => TcpStream::connect(text.clone()).await,
            };
            let stream = stream.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), address);
            listener.accept().await.unwrap();
        }
    });
}

#[test]
fn numeric_places_ask_no_resolver() {
    run(async {
        let scripted = script(Vec::new());
        let (_listener, address) = listener().await;
        let port = address.port();
        TcpStream::connect(address).await.unwrap();
        TcpStream::connect(address.to_string()).await.unwrap();
        TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        TcpStream::connect(([127, 0, 0, 1], port)).await.unwrap();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        Dial::new().connect(("127.0.0.1", port)).await.unwrap();
        assert_eq!(scripted.asked.get(), 0);
        TcpStream::connect(("localhost", port)).await.unwrap_err();
        assert_eq!(scripted.asked.get(), 1);
    });
}

#[test]
fn a_place_is_read_without_an_allocation() {
    let before = allocations();
    for text in ["127.0.0.1:80", "[::1]:80", "localhost:80"] {
        assert!(text.to_host_address().is_ok());
    }
    let named = HostAddress::Named { host: "localhost", port: 80 };
    assert_eq!(("localhost", 80).to_host_address().ok(), Some(named));
    let numeric = HostAddress::Numeric(([127, 0, 0, 1], 80).into());
    assert_eq!(("127.0.0.1", 80).to_host_address().ok(), Some(numeric));
    assert_eq!(allocations(), before);
}

#[test]
fn text_that_is_no_host_and_port_says_so() {
    run(async {
        for text in ["", "localhost", ":80", "localhost:", "localhost:99999", "::1:80", "[::1]"] {
            let error = TcpStream::connect(text).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    });
}

#[test]
fn a_refused_address_is_passed_over() {
    run(async {
        let (_listener, good) = listener().await;
        let (bad, _held) = refused("::1");
        script(vec![bad, good]);
        let stream = Dial::new().delay(LONG).connect(("host", 1)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        let stream = Dial::new().delay(None).connect(("host", 1)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
    });
}

#[test]
fn an_address_that_does_not_answer_costs_the_delay_and_no_more() {
    run(async {
        let hole = BlackHole::new();
        let (_listener, good) = listener().await;
        script(vec![hole.address, good]);
        let begin = Instant::now();
        let delay = Duration::from_millis(50);
        let stream = Dial::new().delay(delay).connect(("host", 1)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert!(begin.elapsed() >= delay);
        // The listener and the winner: the attempt that lost is closed.
        until_resources(2).await;
    });
}

#[test]
fn an_attempt_goes_on_while_later_ones_fail() {
    run(async {
        let hole = BlackHole::new();
        let (bad, _held) = refused("127.0.0.1");
        script(vec![hole.address, bad]);
        let dial = create_task(async {
            Dial::new().delay(Duration::ZERO).connect(("host", 1)).await.map(drop)
        });
        sleep(Duration::from_millis(100)).await;
        assert!(!dial.done(), "one address has not answered");
        // Room in the backlog: the kernel's next try is taken.
        let listener = &hole._parts[0];
        while listener.accept().is_ok() && !dial.done() {
            sleep(Duration::from_millis(10)).await;
            listener.set_nonblocking(true).unwrap();
        }
        dial.await.unwrap().unwrap();
    });
}

#[test]
fn without_a_delay_the_next_attempt_waits_for_a_failure() {
    run(async {
        let hole = BlackHole::new();
        let (listener, good) = listener().await;
        script(vec![hole.address, good]);
        let patient = Dial::new().delay(None);
        let dial = patient.connect(("host", 1));
        wait_for(dial, Duration::from_millis(300)).await.unwrap_err();
        wait_for(listener.accept(), Duration::from_millis(50)).await.unwrap_err();
    });
}

#[test]
fn every_failure_is_told_with_its_address() {
    run(async {
        let (one, _held) = refused("127.0.0.1");
        let (two, _held_too) = refused("::1");
        script(vec![one, two]);
        let error = Dial::new().connect(("db.example", 5432)).await.unwrap_err();
        let tried: Vec<_> = error.attempts().iter().map(|(address, _)| *address).collect();
        assert_eq!(tried, [one, two]);
        assert!(error.lookup_error().is_none());
        let refusal = ErrorKind::Io(std::io::ErrorKind::ConnectionRefused);
        assert!(error.attempts().iter().all(|(_, error)| error.kind() == refusal));
        let error = TcpStream::connect(("db.example", 5432)).await.unwrap_err();
        assert_eq!((error.kind(), error.raw_os_error().is_some()), (refusal, true));
        let text = error.to_string();
        for part in ["db.example:5432", &one.to_string(), &two.to_string()] {
            assert!(text.contains(part), "{text}");
        }
    });
}

#[test]
fn a_single_failure_and_a_failed_lookup_name_the_host() {
    run(async {
        let (one, _held) = refused("127.0.0.1");
        script(vec![one]);
        let error = TcpStream::connect(("db.example", 5432)).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("db.example:5432") && text.contains(&one.to_string()), "{text}");
        let text = TcpStream::connect(one).await.unwrap_err().to_string();
        assert_eq!(text.matches(&one.to_string()).count(), 1, "{text}");
        script(Vec::new());
        let error = Dial::new().connect(("db.example", 5432)).await.unwrap_err();
        assert!(error.attempts().is_empty() && error.lookup_error().is_some());
        assert!(error.to_string().contains("db.example"), "{error}");
    });
}

#[test]
fn giving_up_in_the_middle_leaks_nothing() {
    run(async {
        let hole = BlackHole::new();
        script(vec![hole.address; 3]);
        let quick = Dial::new().delay(Duration::from_millis(3));
        for millis in [0, 1, 5, 30] {
            wait_for(quick.connect(("host", 1)), Duration::from_millis(millis)).await.unwrap_err();
        }
        until_resources(0).await;
    });
}

#[test]
fn of_several_that_connect_one_is_kept() {
    run(async {
        let (_one, first) = listener().await;
        let (_two, second) = listener().await;
        script(vec![first, second]);
        let stream = Dial::new().delay(Duration::ZERO).connect(("host", 1)).await.unwrap();
        assert!([first, second].contains(&stream.peer_addr().unwrap()));
        until_resources(3).await;
    });
}

#[test]
fn a_local_address_is_bound_and_must_fit_the_family() {
    run(async {
        let (listener, address) = listener().await;
        let (other, _held) = refused("::1");
        script(vec![other, address]);
        // All of 127/8 is loopback on Linux; elsewhere only the first is configured.
        let ip = if cfg!(target_os = "linux") { [127, 0, 0, 9] } else { [127, 0, 0, 1] };
        let dial = Dial::new().local_addr(SocketAddr::from((ip, 0)));
        let stream = dial.connect(("host", 1)).await.unwrap();
        assert_eq!(stream.local_addr().unwrap().ip(), Ipv4Addr::from(ip));
        let (_accepted, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, stream.local_addr().unwrap());

        script(vec![other]);
        let error = dial.connect(("host", 1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("local address"), "{error}");
    });
}

#[test]
fn families_take_turns() {
    run(async {
        let held: Vec<_> = ["::1", "::1", "127.0.0.1", "127.0.0.1"].map(refused).into();
        let all: Vec<_> = held.iter().map(|(address, _)| *address).collect();
        script(all.clone());
        let order = |error: polyloop::DialError| {
            let tried: Vec<_> = error.attempts().iter().map(|(address, _)| *address).collect();
            tried
        };
        let error = Dial::new().connect(("host", 1)).await.unwrap_err();
        assert_eq!(order(error), [all[0], all[2], all[1], all[3]]);
        let error = Dial::new().interleave(0).connect(("host", 1)).await.unwrap_err();
        assert_eq!(order(error), all);
        let error = Dial::new().interleave(2).connect(("host", 1)).await.unwrap_err();
        assert_eq!(order(error), all);
    });
}

/// A group is no stream's peer: Linux says so before anything is sent (`tcp_v4_connect`).
#[cfg(target_os = "linux")]
#[test]
fn an_address_that_cannot_be_reached_is_named_at_once() {
    run(async {
        let group = SocketAddr::from((Ipv4Addr::new(224, 0, 0, 1), 9));
        let tried = wait_for(TcpStream::connect(group), Duration::from_secs(2)).await;
        let error = tried.unwrap().unwrap_err();
        let unreachable = ErrorKind::Io(std::io::ErrorKind::NetworkUnreachable);
        assert_eq!(error.kind(), unreachable, "{error}");
        assert!(error.to_string().contains("224.0.0.1:9"), "{error}");
    });
}
