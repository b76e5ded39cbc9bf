use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::*;

/// How a server of the tests goes wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Turns over one byte, this far into the stream.
    WrongByte(u64),
    /// Never sends the byte that is this far into the stream, nor what follows.
    HangUp(u64),
    /// Sends everything twice.
    Twice,
}

/// A server with a thread for each connection, and the bytes that it has sent back.
fn server(fault: Fault) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let counted = sent.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let counted = counted.clone();
            thread::spawn(move || serve(stream, fault, &counted));
        }
    });
    (address, sent)
}

fn serve(mut stream: TcpStream, fault: Fault, sent: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 10_000];
    let mut place = 0;
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        let range = place..place + count as u64;
        match fault {
            Fault::WrongByte(at) if range.contains(&at) => buffer[(at - place) as usize] ^= 1,
            Fault::HangUp(at) if range.contains(&at) => return,
            Fault::Twice => drop(stream.write_all(&buffer[..count])),
            _ => {}
        }
        // Counted first: who has read the last of it looks at once.
        sent.fetch_add(count as u64, Ordering::SeqCst);
        if stream.write_all(&buffer[..count]).is_err() {
            return;
        }
        place += count as u64;
    }
}

fn run(fault: Fault, connections: usize, size: usize, depth: usize) -> (io::Result<Phase>, u64) {
    let (address, sent) = server(fault);
    let exchange = Exchange::echo(size, depth);
    let mut streams = Streams::open(address, connections, exchange, depth).unwrap();
    let phase = streams.run(Until::Messages(200));
    (phase, sent.load(Ordering::SeqCst))
}

#[test]
fn messages_and_bytes_are_counted_right() {
    for (connections, size, depth) in [(1, 64, 1), (3, 64, 16), (2, 1000, 4), (2, 100_000, 2)] {
        let (phase, sent) = run(Fault::None, connections, size, depth);
        let phase = phase.unwrap();
        // What is on its way at the end comes back too.
        let most = 200 + (connections * depth) as u64;
        assert!((200..=most).contains(&phase.messages), "{} messages", phase.messages);
        assert_eq!(sent, phase.messages * size as u64, "{connections} x {size} by {depth}");
        assert!(phase.latencies.micros_at(50.0) > 0.0);
    }
}

#[test]
fn a_second_phase_goes_on_where_the_first_ended() {
    let (address, sent) = server(Fault::None);
    let mut streams = Streams::open(address, 2, Exchange::echo(333, 3), 3).unwrap();
    let first = streams.run(Until::Messages(50)).unwrap().messages;
    let second = streams.run(Until::Elapsed(Duration::from_millis(20))).unwrap().messages;
    assert_eq!(sent.load(Ordering::SeqCst), (first + second) * 333);
}

#[test]
fn a_wrong_byte_is_found_wherever_it_is() {
    for at in [0, 63, 64, 64 * 100 + 7] {
        let (phase, _) = run(Fault::WrongByte(at), 1, 64, 4);
        assert_eq!(phase.unwrap_err().kind(), io::ErrorKind::InvalidData, "byte {at}");
    }
}

#[test]
fn an_answer_too_many_is_found() {
    let (phase, _) = run(Fault::Twice, 1, 64, 1);
    assert_eq!(phase.unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_server_that_hangs_up_is_told() {
    let (phase, _) = run(Fault::HangUp(1000), 1, 64, 1);
    let kind = phase.unwrap_err().kind();
    // A reset, if bytes had come that it did not read.
    assert!(matches!(kind, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset));
}

#[test]
fn requests_have_replies_of_another_size() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4];
        while stream.read_exact(&mut request).is_ok() {
            assert_eq!(&request, b"ping");
            stream.write_all(b"a longer pong").unwrap();
        }
    });
    let exchange = Exchange::new(b"ping", b"a longer pong".to_vec(), 1);
    let mut streams = Streams::open(address, 1, exchange, 1).unwrap();
    assert_eq!(streams.run(Until::Messages(20)).unwrap().messages, 20);
}

#[test]
fn connections_are_opened_and_counted() {
    let (address, sent) = server(Fault::None);
    let phase = Accepts::new(address, 4, 64).run(Until::Messages(40)).unwrap();
    assert!((40..=44).contains(&phase.messages));
    assert_eq!(sent.load(Ordering::SeqCst), phase.messages * 64);
    let (address, _) = server(Fault::WrongByte(5));
    assert!(Accepts::new(address, 4, 64).run(Until::Messages(40)).is_err());
}

/// Sends datagrams back, but every so-manieth.
fn datagram_server(lost: u64) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = vec![0; 2048];
        for number in 1.. {
            let (count, from) = socket.recv_from(&mut buffer).unwrap();
            if number % lost != 0 {
                socket.send_to(&buffer[..count], from).unwrap();
            }
        }
    });
    address
}

#[test]
fn datagrams_come_back_and_lost_ones_are_sent_again() {
    let whole = Datagrams::open(datagram_server(u64::MAX), 4, 64).unwrap();
    let phase = { whole }.run(Until::Messages(100)).unwrap();
    assert!((100..=104).contains(&phase.messages));
    assert_eq!(phase.lost, 0);
    let phase = Datagrams::open(datagram_server(30), 2, 64).unwrap().run(Until::Messages(60));
    assert!(phase.unwrap().lost >= 1);
}

#[test]
fn idle_connections_have_each_been_used() {
    let (address, sent) = server(Fault::None);
    let mut idle = Idle::new(address, 64);
    idle.open(10).unwrap();
    idle.open(5).unwrap();
    assert_eq!(sent.load(Ordering::SeqCst), 15 * 64);
}
