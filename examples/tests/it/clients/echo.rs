//! `echo_server` over TCP and a Unix socket, by socat.

use std::process::{Command, Stdio};

use polyloop_examples::available_backends;

use super::{client, run};
use crate::server::Server;

/// Has socat send a text to `peer`, and gives what comes back.
fn echoed(mut socat: Command, peer: &str, text: &str) -> String {
    // It ends the direction to the server and waits for what is left.
    let mut printf = Command::new("printf");
    printf.arg("%s").arg(text).stdout(Stdio::piped());
    let mut printf = printf.spawn().expect("printf is everywhere");
    let input = printf.stdout.take().expect("it is piped");
    socat.args(["-t", "20", "-", peer]).stdin(input);
    let said = run(socat);
    printf.wait().expect("it ends");
    said
}

#[test]
fn socat_is_echoed_over_tcp() {
    for backend in available_backends() {
        let Some(socat) = client("socat") else { return };
        let server = Server::start(&backend);
        let text = "hello\n".repeat(10_000);
        assert!(echoed(socat, &format!("TCP:{}", server.address()), &text) == text, "{backend}");
    }
}

#[test]
fn socat_is_echoed_over_a_unix_socket() {
    for backend in available_backends() {
        let Some(socat) = client("socat") else { return };
        let name = format!("polyloop-echo-{}-{}", backend.name(), std::process::id());
        let path = std::env::temp_dir().join(name);
        let path = path.to_str().expect("a path of text");
        let server = Server::start_at("echo_server", &["--unix", path], &backend);
        assert_eq!(server.listens, path, "{backend}");
        let text = "hello\n".repeat(10_000);
        assert!(echoed(socat, &format!("UNIX-CONNECT:{path}"), &text) == text, "{backend}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
        std::fs::remove_file(path).expect("the path stays");
    }
}
