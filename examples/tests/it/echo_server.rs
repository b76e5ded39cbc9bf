//! The example `echo_server`, as its users see it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use polyloop_examples::available_backends;
use socket2::SockRef;

use crate::process::{output_of, text};
use crate::server::Server;

/// A connection on which no wait is without an end.
fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket takes a timeout");
    stream
}

fn assert_echoes(mut stream: &TcpStream, message: &[u8]) {
    stream.write_all(message).expect("the server reads");
    let mut echoed = vec![0; message.len()];
    stream.read_exact(&mut echoed).expect("the server answers");
    assert_eq!(echoed, message);
}

#[test]
fn it_echoes_until_ctrl_c_and_exits_with_zero() {
    for backend in available_backends() {
        let server = Server::start(&backend);
        let mut finished = connect(&server);
        assert_echoes(&finished, b"hello");
        finished.shutdown(Shutdown::Write).expect("the connection stands");
        assert_eq!(finished.read(&mut [0]).expect("the server answers"), 0, "{backend}");
        // This one is open when the server stops, and ends with it.
        let mut open = connect(&server);
        assert_echoes(&open, b"still here");
        let (status, said) = server.interrupt();
        assert_eq!((status.code(), said.as_str()), (Some(0), "stopped\n"), "{backend}");
        assert_eq!(open.read(&mut [0]).expect("an orderly end"), 0, "{backend}");
    }
}

#[test]
fn several_loops_share_the_address_and_end_together() {
    for backend in available_backends() {
        let server = Server::start_example("echo_server", &["--loops", "2"], &backend);
        let mut streams: Vec<TcpStream> = (0..20).map(|_| connect(&server)).collect();
        streams.iter().for_each(|stream| assert_echoes(stream, b"hello"));
        // Half of them are open when the server stops.
        streams.truncate(10);
        let (status, said) = server.interrupt();
        assert_eq!(status.code(), Some(0), "{backend}");
        assert_eq!(connections_told_in(&said).iter().sum::<u32>(), 20, "{backend}: {said}");
        for mut stream in streams {
            assert_eq!(stream.read(&mut [0]).expect("an orderly end"), 0, "{backend}");
        }
    }
}

/// Reads how many connections each loop says in the end that it was given.
fn connections_told_in(said: &str) -> Vec<u32> {
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("stopped"), "{said}");
    let told = lines.enumerate().map(|(index, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["loop", number, connections, "connections,", _, "iterations", ..] = words[..] else {
            panic!("{line:?}")
        };
        assert_eq!(number, format!("{index}:"));
        connections.parse().expect("a count")
    });
    told.collect()
}

#[test]
fn several_loops_share_a_path() {
    for backend in available_backends() {
        let name = format!("polyloop-echo-{}-{backend}.sock", std::process::id());
        let path = std::env::temp_dir().join(name);
        let at = path.to_str().expect("a path of letters");
        let server = Server::start_at("echo_server", &["--unix", at, "--loops", "2"], &backend);
        let mut streams = Vec::new();
        for _ in 0..6 {
            let mut stream = std::os::unix::net::UnixStream::connect(&path).expect("it listens");
            stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
            stream.write_all(b"hello").expect("the server reads");
            let mut echoed = [0; 5];
            stream.read_exact(&mut echoed).expect("the server answers");
            assert_eq!(&echoed, b"hello");
            streams.push(stream);
        }
        let (status, said) = server.interrupt();
        std::fs::remove_file(&path).expect("the path stays");
        assert_eq!(status.code(), Some(0), "{backend}");
        assert_eq!(connections_told_in(&said), [3, 3], "{backend}: {said}");
    }
}

#[test]
fn a_peer_that_disappears_costs_its_own_task_only() {
    for backend in available_backends() {
        let server = Server::start(&backend);
        let survivor = connect(&server);
        assert_echoes(&survivor, b"before");
        for _ in 0..50 {
            let gone = connect(&server);
            assert_echoes(&gone, b"x");
            // Without lingering, closing resets the connection.
            SockRef::from(&gone).set_linger(Some(Duration::ZERO)).expect("an option of sockets");
            (&gone).write_all(&[0; 4096]).expect("the connection stands");
        }
        assert_echoes(&survivor, b"after");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}

#[test]
fn an_unknown_backend_is_refused_with_the_known_ones() {
    let output = output_of("echo_server", &["--backend", "epol"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    for part in ["epol", "auto", "mio", "io-uring", "polling"] {
        assert!(error.contains(part), "{part} is missing: {error}");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("a listener has an address").to_string();
    for backend in available_backends() {
        let arguments = ["--listen", &address, "--backend", backend.name()];
        let output = output_of("echo_server", &arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{backend}: {}", text(&output));
        assert!(error.contains(&format!("listen on {address}")), "{backend}: {error}");
        assert!(error.contains("in use"), "{backend}: {error}");
    }
}

#[test]
fn an_argument_that_is_not_understood_is_named() {
    for arguments in [&["--lissten", "127.0.0.1:0"][..], &["--listen", "here"], &["--listen"]] {
        let output = output_of("echo_server", arguments);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(arguments[0]), "{error}");
    }
}
