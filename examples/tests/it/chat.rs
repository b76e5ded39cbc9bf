//! The example `chat`, as its users see it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use polyloop_examples::available_backends;

use crate::server::Server;

/// Somebody who chats.
struct Guest {
    lines: BufReader<TcpStream>,
}

impl Guest {
    fn connect(server: &Server) -> Guest {
        let stream = TcpStream::connect(server.address).expect("the server accepts");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket takes a timeout");
        Guest { lines: BufReader::new(stream) }
    }

    fn enter(server: &Server, name: &str) -> Guest {
        let mut guest = Guest::connect(server);
        guest.say(name);
        assert_eq!(guest.hears(), format!("* welcome, {name}"));
        guest
    }

    fn say(&mut self, line: &str) {
        self.lines.get_mut().write_all(format!("{line}\n").as_bytes()).expect("the server reads");
    }

    fn hears(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line in time");
        line.trim_end().to_owned()
    }
}

#[test]
fn what_one_says_all_others_hear() {
    for backend in available_backends() {
        let server = Server::start_example("chat", &[], &backend);
        let mut ann = Guest::enter(&server, "ann");
        let mut ben = Guest::enter(&server, "ben");
        let mut cleo = Guest::enter(&server, "cleo");
        assert_eq!((ann.hears(), ann.hears()), ("* ben joined".into(), "* cleo joined".into()));
        assert_eq!(ben.hears(), "* cleo joined");
        ben.say("hello");
        assert_eq!((ann.hears(), cleo.hears()), ("ben: hello".into(), "ben: hello".into()));
        let mut other = Guest::connect(&server);
        other.say("ann");
        assert_eq!((other.hears(), other.hears()), ("* that name is taken".into(), String::new()));
        drop(cleo);
        assert_eq!((ann.hears(), ben.hears()), ("* cleo left".into(), "* cleo left".into()));
        ann.say(&"x".repeat(10_000));
        assert_eq!(ann.hears(), "* that was too long");
        ann.say("still here");
        assert_eq!(ben.hears(), "ann: still here");
        let (status, said) = server.interrupt();
        assert_eq!((status.code(), said.as_str()), (Some(0), "stopped\n"), "{backend}");
        let last = [ben.hears(), ben.hears()];
        assert!(
            last.contains(&String::new()),
            "an orderly end, perhaps after a farewell: {last:?}"
        );
    }
}

#[test]
fn who_does_not_read_is_cut_off_and_nobody_waits() {
    for backend in available_backends() {
        let server = Server::start_example("chat", &[], &backend);
        let mut ann = Guest::enter(&server, "ann");
        let _deaf = Guest::enter(&server, "deaf");
        assert_eq!(ann.hears(), "* deaf joined");
        let line = "y".repeat(4000);
        let begin = std::time::Instant::now();
        ann.lines.get_ref().set_nonblocking(true).expect("an option of sockets");
        // Much is said before the buffers of the system and of the server are full.
        loop {
            assert!(begin.elapsed() < Duration::from_secs(60), "{backend}: nobody was cut off");
            ann.lines.get_ref().set_nonblocking(false).expect("an option of sockets");
            (0..100).for_each(|_| ann.say(&line));
            ann.lines.get_ref().set_nonblocking(true).expect("an option of sockets");
            let mut heard = String::new();
            match ann.lines.read_line(&mut heard) {
                Ok(_) => {
                    assert_eq!(heard, "* deaf left\n");
                    break;
                }
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
            }
        }
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}
