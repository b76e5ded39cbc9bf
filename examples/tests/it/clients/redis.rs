//! `mini_redis`, by redis-cli and redis-benchmark.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::{client, on_each_backend, run};
use crate::server::Server;

/// Prepares to run a client of Redis's at a server.
fn client_of(server: &Server, name: &str, arguments: &[&str]) -> Command {
    let mut client = client(name);
    client.args(["-p", &server.address().port().to_string()]).args(arguments);
    client
}

fn ask(server: &Server, words: &[&str]) -> String {
    run(client_of(server, "redis-cli", words))
}

#[test]
fn redis_cli_asks_and_is_answered() {
    on_each_backend(&["redis-cli"], |backend| {
        let server = Server::start_example("mini_redis", &[], backend);
        let dialogue: [(&[&str], &str); 9] = [
            (&["PING"], "PONG\n"),
            (&["SET", "a", "x y"], "OK\n"),
            (&["GET", "a"], "x y\n"),
            (&["INCR", "n"], "1\n"),
            (&["EXPIRE", "a", "100"], "1\n"),
            (&["TTL", "a"], "100\n"),
            (&["LPUSH", "l", "1", "2", "3"], "3\n"),
            (&["LRANGE", "l", "0", "1"], "3\n2\n"),
            (&["MGET", "a", "none", "n"], "x y\n\n1\n"),
        ];
        for (words, answer) in dialogue {
            assert_eq!(ask(&server, words), answer, "{backend}: {words:?}");
        }
    });
}

#[test]
fn redis_cli_subscribes_and_hears_what_another_publishes() {
    on_each_backend(&["redis-cli"], |backend| {
        let server = Server::start_example("mini_redis", &[], backend);
        let mut subscriber = client_of(&server, "redis-cli", &["SUBSCRIBE", "news"]);
        let mut subscriber = subscriber.stdout(Stdio::piped()).spawn().expect("it was found");
        let mut heard = BufReader::new(subscriber.stdout.take().expect("it is piped")).lines();
        let mut hear = || heard.next().expect("it goes on").expect("it can be read");
        assert_eq!([hear(), hear(), hear()], ["subscribe", "news", "1"], "{backend}");
        assert_eq!(ask(&server, &["PUBLISH", "news", "hello"]), "1\n", "{backend}");
        assert_eq!([hear(), hear(), hear()], ["message", "news", "hello"], "{backend}");
        subscriber.kill().expect("it runs");
        subscriber.wait().expect("it ends");
    });
}

#[test]
fn redis_benchmark_runs_pipelined_with_fifty_connections() {
    on_each_backend(&["redis-benchmark"], |backend| {
        let server = Server::start_example("mini_redis", &[], backend);
        let load = ["-n", "5000", "-P", "16", "-q"];
        let mut benchmark = client_of(&server, "redis-benchmark", &load);
        benchmark.args(["-t", "ping,set,get,incr,lpush,lrange_100,mset", "-d", "100"]);
        let said = run(benchmark);
        let results = said.lines().filter(|line| line.contains(" requests per second")).count();
        assert_eq!(results, 9, "{backend}: {said}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    });
}
