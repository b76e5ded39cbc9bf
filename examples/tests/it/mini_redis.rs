//! The example `mini_redis`, spoken to byte by byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use polyloop_examples::available_backends;

use crate::server::Server;

/// A client on which no wait is without an end.
struct Client {
    stream: TcpStream,
}

impl Client {
    fn connect(server: &Server) -> Client {
        let stream = TcpStream::connect(server.address()).expect("the server accepts");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket takes a timeout");
        Client { stream }
    }

    fn send(&mut self, requests: &str) {
        self.stream.write_all(requests.as_bytes()).expect("the server reads");
    }

    fn expect(&mut self, replies: &str) {
        let mut got = vec![0; replies.len()];
        self.stream.read_exact(&mut got).expect("the server answers");
        assert_eq!(String::from_utf8_lossy(&got), replies);
    }

    fn ask(&mut self, requests: &str, replies: &str) {
        self.send(requests);
        self.expect(replies);
    }

    fn expect_end(mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("an orderly end");
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}

/// Runs a dialogue against a server on each backend.
fn on_each_backend(dialogue: impl Fn(&Server)) {
    for backend in available_backends() {
        let server = Server::start_example("mini_redis", &[], &backend);
        dialogue(&server);
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}

#[test]
fn requests_that_come_together_or_in_pieces_are_answered_in_order() {
    on_each_backend(|server| {
        let mut client = Client::connect(server);
        client
            .ask("SET a 1\r\nINCR a\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "+OK\r\n:2\r\n$1\r\n2\r\n");
        for byte in "*2\r\n$4\r\nPING\r\n$5\r\nh\r\nlo\r\n".bytes() {
            client.stream.write_all(&[byte]).expect("the server reads");
        }
        client.expect("$5\r\nh\r\nlo\r\n");
        let many = 5_000;
        client.ask(
            &"INCR n\r\n".repeat(many),
            &(1..=many).map(|n| format!(":{n}\r\n")).collect::<String>(),
        );
        client.ask("QUIT\r\n", "+OK\r\n");
        client.expect_end();
    });
}

#[test]
fn texts_lists_and_their_errors() {
    on_each_backend(|server| {
        let mut client = Client::connect(server);
        client.ask("LPUSH l a b\r\nRPUSH l c\r\nLLEN l\r\n", ":2\r\n:3\r\n:3\r\n");
        client.ask("LRANGE l 0 -1\r\n", "*3\r\n$1\r\nb\r\n$1\r\na\r\n$1\r\nc\r\n");
        client.ask(
            "LRANGE l -1 9\r\nLRANGE l 5 9\r\nLRANGE none 0 -1\r\n",
            "*1\r\n$1\r\nc\r\n*0\r\n*0\r\n",
        );
        let wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
        client.ask(
            "GET l\r\nSET t x\r\nLPUSH t y\r\nINCR t\r\n",
            &format!("{wrong}+OK\r\n{wrong}-ERR value is not an integer or out of range\r\n"),
        );
        client.ask("MGET t none l\r\n", "*3\r\n$1\r\nx\r\n$-1\r\n$-1\r\n");
        client.ask("DEL t l none\r\nEXISTS t\r\n", ":2\r\n:0\r\n");
        client.ask("SET t 1 NX\r\nSET t 2 NX\r\nSET u 1 XX\r\n", "+OK\r\n$-1\r\n$-1\r\n");
        client.ask(
            "GET\r\nFLY x\r\n",
            "-ERR wrong number of arguments for 'get' command\r\n-ERR unknown command 'FLY'\r\n",
        );
        client.send("*1\r\n$x\r\n");
        let mut answer = String::new();
        client.stream.read_to_string(&mut answer).expect("an answer and the end");
        assert!(answer.starts_with("-ERR Protocol error"), "{answer}");
    });
}

#[test]
fn keys_expire_unless_they_are_set_anew() {
    on_each_backend(|server| {
        let mut client = Client::connect(server);
        client.ask(
            "SET a 1 PX 50\r\nSET b 1 PX 50\r\nSET b 2\r\nEXPIRE none 1\r\n",
            "+OK\r\n+OK\r\n+OK\r\n:0\r\n",
        );
        client.ask(
            "SET c 1\r\nTTL c\r\nEXPIRE c 100\r\nTTL c\r\nTTL none\r\n",
            "+OK\r\n:-1\r\n:1\r\n:100\r\n:-2\r\n",
        );
        client.ask("EXPIRE c -1\r\nGET c\r\n", ":1\r\n$-1\r\n");
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            client.send("EXISTS a\r\n");
            let mut reply = [0; 4];
            client.stream.read_exact(&mut reply).expect("the server answers");
            if &reply == b":0\r\n" {
                break;
            }
            assert!(Instant::now() < until, "it never expired");
        }
        client.ask("GET b\r\nTTL b\r\n", "$1\r\n2\r\n:-1\r\n");
    });
}

#[test]
fn what_is_published_reaches_the_subscribers_in_order() {
    on_each_backend(|server| {
        let (mut first, mut second) = (Client::connect(server), Client::connect(server));
        let mut publisher = Client::connect(server);
        first.ask("SUBSCRIBE news\r\n", "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
        second.ask(
            "SUBSCRIBE news other\r\n",
            "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$5\r\nother\r\n:2\r\n",
        );
        publisher.ask(
            "PUBLISH news one\r\nPUBLISH news two\r\nPUBLISH other x\r\n",
            ":2\r\n:2\r\n:1\r\n",
        );
        let (one, two) = (
            "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$3\r\none\r\n",
            "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$3\r\ntwo\r\n",
        );
        first.expect(&format!("{one}{two}"));
        second.expect(&format!("{one}{two}*3\r\n$7\r\nmessage\r\n$5\r\nother\r\n$1\r\nx\r\n"));
        first.ask("PING\r\n", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
        first.ask(
            "UNSUBSCRIBE\r\nPING\r\n",
            "*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:0\r\n+PONG\r\n",
        );
        publisher.ask("PUBLISH news three\r\n", ":1\r\n");
        second.stream.shutdown(Shutdown::Write).expect("the connection stands");
        second.expect("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nthree\r\n");
        second.expect_end();
        publisher.ask("PUBLISH news four\r\n", ":0\r\n");
    });
}

#[test]
fn a_subscriber_that_never_reads_is_cut_off() {
    on_each_backend(|server| {
        let mut deaf = Client::connect(server);
        deaf.ask("SUBSCRIBE news\r\n", "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
        let mut publisher = Client::connect(server);
        let text = "x".repeat(32 * 1024);
        // Far more than sockets hold: what waits is bounded by the server.
        let mut reached = true;
        for _ in 0..4_000 {
            publisher.send(&format!("PUBLISH news {text}\r\n"));
            let mut reply = [0; 4];
            publisher.stream.read_exact(&mut reply).expect("the server answers");
            if &reply == b":0\r\n" {
                reached = false;
                break;
            }
        }
        assert!(!reached, "the server remembers everything for who never reads");
        publisher.ask("PING\r\n", "+PONG\r\n");
    });
}
