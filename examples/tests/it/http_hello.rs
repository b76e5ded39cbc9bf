//! The example `http_hello`, spoken to byte by byte.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use polyloop_examples::available_backends;

use crate::server::Server;

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket takes a timeout");
    stream
}

/// Sends requests, and gives everything that is answered until the server ends the stream.
fn answers_to(server: &Server, requests: &str) -> String {
    let mut stream = connect(server);
    stream.write_all(requests.as_bytes()).expect("the server reads");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).expect("the server ends the stream");
    answers
}

/// The lines of the heads that say how each request was taken.
fn statuses(answers: &str) -> Vec<&str> {
    answers.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).collect()
}

#[test]
fn requests_in_a_row_are_answered_in_order() {
    for backend in available_backends() {
        let server = Server::start_example("http_hello", &[], &backend);
        let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
        let head = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
        let put = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 26\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
        let last = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        let answers = answers_to(&server, &format!("{get}{head}{put}{last}{get}"));
        let expected = ["200 OK", "200 OK", "405 Method Not Allowed", "200 OK"];
        assert_eq!(statuses(&answers), expected, "{backend}: {answers}");
        assert_eq!(answers.matches("Hello, world!\n").count(), 2, "{backend}: {answers}");
        assert_eq!(answers.matches("Connection: close\r\n").count(), 1, "{backend}: {answers}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}

#[test]
fn many_pipelined_requests_in_odd_pieces() {
    for backend in available_backends() {
        let server = Server::start_example("http_hello", &[], &backend);
        let mut stream = connect(&server);
        let count = 2_000;
        let last = "GET / HTTP/1.0\r\n\r\n";
        let requests = "GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(count) + last;
        let mut reader = stream.try_clone().expect("a second handle");
        let reading = std::thread::spawn(move || {
            let mut answers = String::new();
            reader.read_to_string(&mut answers).map(|_| answers)
        });
        for piece in requests.as_bytes().chunks(977) {
            stream.write_all(piece).expect("the server reads");
        }
        let answers = reading.join().expect("it reads").expect("the server ends the stream");
        assert_eq!(statuses(&answers).len(), count + 1, "{backend}");
    }
}

#[test]
fn what_cannot_be_answered_gets_its_reason_and_the_end() {
    for backend in available_backends() {
        let server = Server::start_example("http_hello", &[], &backend);
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        for (request, status) in [
            ("nonsense\r\n\r\n", "400 Bad Request"),
            (
                &format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(20_000)),
                "431 Request Header Fields Too Large",
            ),
            (chunked, "501 Not Implemented"),
            ("PUT / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "413 Content Too Large"),
        ] {
            let answers = answers_to(&server, request);
            assert_eq!(statuses(&answers), [status], "{backend}: {answers}");
        }
    }
}

#[test]
fn a_client_that_waits_to_continue_is_told_to() {
    for backend in available_backends() {
        let server = Server::start_example("http_hello", &[], &backend);
        let mut stream = connect(&server);
        let head = "PUT / HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("the server reads");
        let mut told = [0; 25];
        stream.read_exact(&mut told).expect("the server answers");
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n", "{backend}");
        stream.write_all(b"body").expect("the server reads");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).expect("the server ends the stream");
        assert_eq!(statuses(&answers), ["405 Method Not Allowed"], "{backend}");
    }
}
