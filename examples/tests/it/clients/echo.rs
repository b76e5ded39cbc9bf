//! `echo_server` over TCP and a Unix socket, by socat.

use std::process::{Command, Stdio};

use super::{client, on_each_backend, run};
use crate::server::Server;

/// Has socat send a text to `peer`, and gives what comes back.
fn echoed(peer: &str, text: &str) -> String {
    // It ends the direction to the server and waits for what is left.
    let mut printf = Command::new("printf");
    printf.arg("%s").arg(text).stdout(Stdio::piped());
    let mut printf = printf.spawn().expect("printf is everywhere");
    let input = printf.stdout.take().expect("it is piped");
    let mut socat = client("socat");
    socat.args(["-t", "20", "-", peer]).stdin(input);
    let said = run(socat);
    printf.wait().expect("it ends");
    said
}

#[test]
fn socat_is_echoed_over_tcp() {
    on_each_backend(&["socat"], |backend| {
        let server = Server::start(backend);
        let text = "hello\n".repeat(10_000);
        assert!(echoed(&format!("TCP:{}", server.address()), &text) == text, "{backend}");
    });
}

#[test]
fn socat_is_echoed_over_a_unix_socket() {
    on_each_backend(&["socat"], |backend| {
        let name = format!("polyloop-echo-{}-{}", backend.name(), std::process::id());
        let path = std::env::temp_dir().join(name);
        let path = path.to_str().expect("a path of text");
        let server = Server::start_at("echo_server", &["--unix", path], backend);
        assert_eq!(server.listens, path, "{backend}");
        let text = "hello\n".repeat(10_000);
        assert!(echoed(&format!("UNIX-CONNECT:{path}"), &text) == text, "{backend}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
        std::fs::remove_file(path).expect("the path stays");
    });
}
