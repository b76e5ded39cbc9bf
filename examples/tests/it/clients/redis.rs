//! `mini_redis`, by redis-cli and redis-benchmark.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use polyloop_examples::available_backends;

use super::{client, run};
use crate::server::Server;

fn ask(server: &Server, words: &[&str]) -> Option<String> {
    let mut cli = client("redis-cli")?;
    cli.args(["-p", &server.address().port().to_string()]).args(words);
    Some(run(cli))
}

#[test]
fn redis_cli_asks_and_is_answered() {
    for backend in available_backends() {
        let server = Server::start_example("mini_redis", &[], &backend);
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
            let Some(said) = ask(&server, words) else { return };
            assert_eq!(said, answer, "{backend}: {words:?}");
        }
    }
}

#[test]
fn redis_cli_subscribes_and_hears_what_another_publishes() {
    for backend in available_backends() {
        let server = Server::start_example("mini_redis", &[], &backend);
        let Some(mut subscriber) = client("redis-cli") else { return };
        subscriber.args(["-p", &server.address().port().to_string(), "SUBSCRIBE", "news"]);
        let mut subscriber = subscriber.stdout(Stdio::piped()).spawn().expect("it was found");
        let mut heard = BufReader::new(subscriber.stdout.take().expect("it is piped")).lines();
        let mut hear = || heard.next().expect("it goes on").expect("it can be read");
        assert_eq!([hear(), hear(), hear()], ["subscribe", "news", "1"], "{backend}");
        assert_eq!(ask(&server, &["PUBLISH", "news", "hello"]).as_deref(), Some("1\n"));
        assert_eq!([hear(), hear(), hear()], ["message", "news", "hello"], "{backend}");
        subscriber.kill().expect("it runs");
        subscriber.wait().expect("it ends");
    }
}

#[test]
fn redis_benchmark_runs_pipelined_with_fifty_connections() {
    for backend in available_backends() {
        let Some(mut benchmark) = client("redis-benchmark") else { return };
        let server = Server::start_example("mini_redis", &[], &backend);
        benchmark.args([
            "-p",
            &server.address().port().to_string(),
            "-n",
            "5000",
            "-P",
            "16",
            "-q",
        ]);
        benchmark.args(["-t", "ping,set,get,incr,lpush,lrange_100,mset", "-d", "100"]);
        let said = run(benchmark);
        let results = said.lines().filter(|line| line.contains(" requests per second")).count();
        assert_eq!(results, 9, "{backend}: {said}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}
