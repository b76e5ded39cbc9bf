//! The example `tcp_proxy`, with a server behind it that the test plays.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use polyloop_examples::available_backends;
use socket2::SockRef;

use crate::process::{output_of, text};
use crate::random::Random;
use crate::server::Server;

/// A proxy, a connection to it, and the connection that it made.
fn joined(listener: &TcpListener, proxy: &Server) -> (TcpStream, TcpStream) {
    let client = TcpStream::connect(proxy.address()).expect("the proxy accepts");
    let (server, _) = listener.accept().expect("the proxy connects");
    for stream in [&client, &server] {
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket takes a timeout");
    }
    (client, server)
}

fn on_each_backend(dialogue: impl Fn(&TcpListener, &Server)) {
    for backend in available_backends() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a listener has an address").to_string();
        let proxy = Server::start_example("tcp_proxy", &["--connect", &address], &backend);
        dialogue(&listener, &proxy);
        assert_eq!(proxy.interrupt().0.code(), Some(0), "{backend}");
    }
}

#[test]
fn each_direction_ends_on_its_own() {
    on_each_backend(|listener, proxy| {
        let (mut client, mut server) = joined(listener, proxy);
        client.write_all(b"question").expect("the proxy reads");
        client.shutdown(Shutdown::Write).expect("the connection stands");
        let mut asked = String::new();
        server.read_to_string(&mut asked).expect("the question and its end");
        assert_eq!(asked, "question");
        server.write_all(b"answer").expect("the other direction stands");
        drop(server);
        let mut answered = String::new();
        client.read_to_string(&mut answered).expect("the answer and its end");
        assert_eq!(answered, "answer");
    });
}

#[test]
fn sixteen_mebibytes_each_way_at_once() {
    on_each_backend(|listener, proxy| {
        let (client, server) = joined(listener, proxy);
        let sent: Vec<u8> = Random::new(7).bytes(16 * 1024 * 1024);
        let exchange = |stream: TcpStream, sent: Vec<u8>| {
            let mut reader = stream.try_clone().expect("a second handle");
            std::thread::spawn(move || {
                let writing = std::thread::spawn(move || {
                    (&stream).write_all(&sent).expect("the proxy reads");
                    stream.shutdown(Shutdown::Write).expect("the connection stands");
                });
                let mut received = Vec::new();
                reader.read_to_end(&mut received).expect("all of it");
                writing.join().expect("it writes");
                received
            })
        };
        let mut reversed = sent.clone();
        reversed.reverse();
        let (there, back) = (exchange(client, sent.clone()), exchange(server, reversed.clone()));
        assert!(there.join().expect("no panic") == reversed);
        assert!(back.join().expect("no panic") == sent);
    });
}

#[test]
fn a_reset_on_one_side_reaches_the_other() {
    on_each_backend(|listener, proxy| {
        let (client, mut server) = joined(listener, proxy);
        (&client).write_all(b"x").expect("the proxy reads");
        server.read_exact(&mut [0]).expect("it arrives");
        SockRef::from(&client).set_linger(Some(Duration::ZERO)).expect("an option of sockets");
        drop(client);
        // How it ends is the proxy's choice, but end it must.
        assert!(matches!(server.read(&mut [0]), Ok(0) | Err(_)));
    });
}

#[test]
fn without_a_server_the_client_is_let_go() {
    for backend in available_backends() {
        // A port that nobody listens at: bound, so that nobody else takes it.
        let closed = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)
            .expect("a socket");
        let any: std::net::SocketAddr = ([127, 0, 0, 1], 0).into();
        closed.bind(&any.into()).expect("a free port");
        let address = closed.local_addr().expect("it is bound").as_socket().expect("of IP");
        let proxy =
            Server::start_example("tcp_proxy", &["--connect", &address.to_string()], &backend);
        let mut client = TcpStream::connect(proxy.address()).expect("the proxy accepts");
        client.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket takes a timeout");
        assert_eq!(client.read(&mut [0]).expect("an orderly end"), 0, "{backend}");
    }
    let output = output_of("tcp_proxy", &[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("--connect"), "{}", text(&output));
}
