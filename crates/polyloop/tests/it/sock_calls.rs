//! `sock_recv` and its kin, on sockets that stay the caller's.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use polyloop::{Error, ErrorKind, Loop, create_task, sleep, timeout, wait_for};
use socket2::{Domain, Socket, Type};

use crate::run;

fn events() -> Loop {
    Loop::current().unwrap()
}

fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    client.set_nonblocking(true).unwrap();
    server.set_nonblocking(true).unwrap();
    (client, server)
}

/// Numbers that are the same in each run of one seed.
struct Random(u64);

impl Random {
    fn seeded() -> Random {
        let seed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64 | 1;
        println!("seed {seed}");
        Random(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn pattern(index: usize) -> u8 {
    (index.wrapping_mul(31) >> 3) as u8
}

/// Waits until the loop holds nothing for the calls that were made.
async fn until_nothing_is_held() {
    for _ in 0..2000 {
        let census = events().census();
        if (census.resources, census.ops) == (0, 0) {
            return;
        }
        sleep(Duration::from_millis(1)).await;
    }
    panic!("the loop still holds {:?}", events().census());
}

#[test]
fn sockets_connect_accept_send_and_receive() {
    run(async {
        let events = events();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let server = create_task(async move {
            let (server, peer) = Loop::current()?.sock_accept(&listener).await?;
            let server = TcpStream::from(server);
            assert_eq!(peer.and_then(|peer| peer.as_ip()), server.peer_addr().ok());
            Ok::<_, Error>(server)
        });
        let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        client.set_nonblocking(true).unwrap();
        events.sock_connect(&client, address).await.unwrap();
        let server = server.await.unwrap().unwrap();
        events.sock_sendall(&client, b"ping").await.unwrap();
        assert_eq!(events.sock_recv(&server, 100).await.unwrap(), b"ping");
        events.sock_sendall(&server, b"pong").await.unwrap();
        let mut buf = [0; 3];
        assert_eq!(events.sock_recv_into(&client, &mut buf).await.unwrap(), 3);
        assert_eq!(&buf, b"pon");
        assert_eq!(events.sock_recv(&client, 100).await.unwrap(), b"g");
        let late = create_task(async move {
            sleep(Duration::from_millis(5)).await;
            drop(client);
        });
        assert_eq!(events.sock_recv(&server, 100).await.unwrap(), b"", "the end");
        late.await.unwrap();
        until_nothing_is_held().await;
    });
}

#[test]
fn datagrams_come_with_their_sender() {
    run(async {
        let events = events();
        let one = UdpSocket::bind("127.0.0.1:0").unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        for socket in [&one, &other] {
            socket.set_nonblocking(true).unwrap();
        }
        let (from, to) = (one.local_addr().unwrap(), other.local_addr().unwrap());
        let receive = create_task(async move {
            let events = Loop::current()?;
            let first = events.sock_recvfrom(&other, 100).await?;
            let mut buf = [0; 2];
            let second = events.sock_recvfrom_into(&other, &mut buf).await?;
            let empty = events.sock_recvfrom(&other, 100).await?;
            Ok::<_, Error>((first, second, buf, empty))
        });
        sleep(Duration::from_millis(5)).await;
        for bytes in [&b"first"[..], b"second", b""] {
            assert_eq!(events.sock_sendto(&one, bytes, to).await.unwrap(), bytes.len());
        }
        let (first, second, buf, empty) = receive.await.unwrap().unwrap();
        let from = Some(from.into());
        assert_eq!(first, (b"first".to_vec(), from.clone()));
        assert_eq!((second.0, second.1, &buf), (2, from.clone(), b"se"), "the rest is lost");
        assert_eq!(empty, (Vec::new(), from));
    });
}

#[test]
fn two_tasks_receive_from_one_socket_and_each_byte_comes_once() {
    run(async {
        let (client, server) = tcp_pair();
        let server = std::rc::Rc::new(server);
        let readers = (0..2).map(|_| {
            let server = server.clone();
            create_task(async move {
                let mut received = Vec::new();
                loop {
                    match &events().sock_recv(&*server, 7).await.unwrap()[..] {
                        [] => return received,
                        bytes => received.extend_from_slice(bytes),
                    }
                }
            })
        });
        let readers: Vec<_> = readers.collect();
        let sent: Vec<u8> = (0..200).collect();
        for piece in sent.chunks(10) {
            events().sock_sendall(&client, piece).await.unwrap();
            sleep(Duration::from_millis(1)).await;
        }
        drop(client);
        let mut all = Vec::new();
        for reader in readers {
            all.extend(reader.await.unwrap());
        }
        all.sort_unstable();
        assert_eq!(all, sent);
    });
}

#[test]
fn receives_that_are_cancelled_at_random_points_lose_no_byte() {
    const TOTAL: usize = 1 << 20;
    run(async {
        let (client, server) = tcp_pair();
        client.set_nonblocking(false).unwrap();
        let mut random = Random::seeded();
        let mut pauses = Random(random.below(u64::MAX) | 1);
        let writer = std::thread::spawn(move || {
            let mut client = client;
            let bytes: Vec<u8> = (0..TOTAL).map(pattern).collect();
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (piece, behind) =
                    rest.split_at(rest.len().min(1 + pauses.below(9000) as usize));
                client.write_all(piece).unwrap();
                rest = behind;
                std::thread::sleep(Duration::from_micros(pauses.below(200)));
            }
        });
        let (mut received, mut given_up) = (0, 0);
        let mut buf = vec![0; 5000];
        loop {
            let patience = Duration::from_micros(random.below(300));
            let count = wait_for(events().sock_recv_into(&server, &mut buf), patience).await;
            match count {
                Err(_) => given_up += 1,
                Ok(Ok(0)) => break,
                Ok(count) => {
                    for byte in &buf[..count.unwrap()] {
                        assert_eq!(*byte, pattern(received), "byte {received}");
                        received += 1;
                    }
                }
            }
        }
        assert_eq!(received, TOTAL);
        assert!(given_up > 0, "nothing was cancelled");
        writer.join().unwrap();
        until_nothing_is_held().await;
    });
}

#[test]
fn accepts_that_are_cancelled_at_random_points_lose_no_connection() {
    const COUNT: usize = 100;
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let mut random = Random::seeded();
        let mut pauses = Random(random.below(u64::MAX) | 1);
        let clients = std::thread::spawn(move || {
            let connect = |_| {
                std::thread::sleep(Duration::from_micros(pauses.below(500)));
                TcpStream::connect(address).unwrap()
            };
            (0..COUNT).map(connect).collect::<Vec<_>>()
        });
        let (mut accepted, mut given_up) = (Vec::new(), 0);
        while accepted.len() < COUNT {
            let patience = Duration::from_micros(random.below(300));
            match wait_for(events().sock_accept(&listener), patience).await {
                Ok(connection) => accepted.push(connection.unwrap()),
                Err(_) => given_up += 1,
            }
        }
        assert!(given_up > 0, "nothing was cancelled");
        drop(clients.join().unwrap());
        until_nothing_is_held().await;
    });
}

#[test]
fn all_of_a_large_send_arrives() {
    run(async {
        const TOTAL: usize = 8 << 20;
        let (client, server) = tcp_pair();
        server.set_nonblocking(false).unwrap();
        let reader = std::thread::spawn(move || {
            let mut server = server;
            std::thread::sleep(Duration::from_millis(20));
            let mut all = Vec::new();
            server.read_to_end(&mut all).unwrap();
            all
        });
        let bytes: Vec<u8> = (0..TOTAL).map(pattern).collect();
        events().sock_sendall(&client, &bytes).await.unwrap();
        drop(client);
        assert!(reader.join().unwrap() == bytes);
    });
}

#[test]
fn a_send_to_a_peer_that_is_gone_is_an_error_with_what_had_gone() {
    run(async {
        let (client, server) = tcp_pair();
        let bytes = vec![0; 64 << 20];
        let send = create_task(async move { events().sock_sendall(&client, &bytes).await });
        sleep(Duration::from_millis(20)).await;
        assert!(!send.done());
        drop(server);
        let error = send.await.unwrap().unwrap_err();
        assert!(error.transferred() > 0, "{error}");
        assert!(error.to_string().contains("send to socket"), "{error}");
        let gone = [std::io::ErrorKind::BrokenPipe, std::io::ErrorKind::ConnectionReset];
        assert!(gone.contains(&error.io_kind()), "{error}");
    });
}

#[test]
fn a_refused_connect_names_the_address() {
    run(async {
        let held = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
        held.bind(&any.into()).unwrap();
        let address = held.local_addr().unwrap().as_socket().unwrap();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        let error = events().sock_connect(&socket, address).await.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::ConnectionRefused);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    });
}

#[cfg(unix)]
#[test]
fn blocking_sockets_receive_and_send_without_blocking_and_do_not_connect() {
    run(async {
        let (client, server) = tcp_pair();
        client.set_nonblocking(false).unwrap();
        server.set_nonblocking(false).unwrap();
        let events = events();
        let receive = events.sock_recv(&server, 10);
        timeout(Duration::from_millis(10), receive).await.unwrap_err();
        events.sock_sendall(&client, b"x").await.unwrap();
        assert_eq!(events.sock_recv(&server, 10).await.unwrap(), b"x");

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = events.sock_accept(&listener).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("non-blocking"), "{error}");
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let address = listener.local_addr().unwrap();
        let error = events.sock_connect(&socket, address).await.unwrap_err();
        assert!(error.to_string().contains("non-blocking"), "{error}");
    });
}

#[cfg(unix)]
#[test]
fn any_kind_of_socket_will_do() {
    run(async {
        let (one, other) = std::os::unix::net::UnixStream::pair().unwrap();
        let receive = create_task(async move { events().sock_recv(&other, 10).await });
        sleep(Duration::from_millis(2)).await;
        events().sock_sendall(&one, b"local").await.unwrap();
        assert_eq!(receive.await.unwrap().unwrap(), b"local");
        let (one, other) = std::os::unix::net::UnixDatagram::pair().unwrap();
        events().sock_sendall(&one, b"local").await.unwrap();
        assert_eq!(events().sock_recvfrom(&other, 10).await.unwrap(), (b"local".to_vec(), None));
        let (reader, _writer) = std::io::pipe().unwrap();
        let error = events().sock_recv(&reader, 1).await.unwrap_err();
        assert!(error.to_string().contains("receive from socket"), "{error}");
    });
}

#[test]
fn a_closed_loop_says_so() {
    let (client, _server) = tcp_pair();
    let closed = polyloop::new_event_loop().unwrap();
    closed.close();
    run(async move {
        let error = closed.sock_recv(&client, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LoopClosed);
    });
}
