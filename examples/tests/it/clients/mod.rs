//! The examples, driven by the programs that their users have: curl, wrk, redis-cli and others.
//!
//! Where such a program is missing its tests say so and pass; with `POLYLOOP_EXPECT_CLIENTS=1`, as in
//! CI, they fail. `scripts/install-clients` installs them on Debian.

mod echo;
mod http;
mod postgres;
mod redis;
#[cfg(feature = "tls")]
mod tls;

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use polyloop::Backend;
use polyloop_examples::available_backends;

use crate::process::{output_within, text};

/// The longest that a client may take: far more than it needs, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a test on each backend, if the clients that it needs are there.
fn on_each_backend(clients: &[&str], test: impl Fn(&Backend)) {
    if clients.iter().all(|name| is_installed(name)) {
        available_backends().iter().for_each(test);
    }
}

/// Looks for a client, and says if it is missing.
fn is_installed(name: &str) -> bool {
    let found = client(name).arg("--version").output().is_ok();
    if !found {
        let expected =
            std::env::var_os("POLYLOOP_EXPECT_CLIENTS").is_some_and(|value| value == "1");
        assert!(!expected, "{name} is missing: scripts/install-clients installs it");
        eprintln!("skipped: {name} is not installed");
    }
    found
}

/// Prepares to run a client.
fn client(name: &str) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null());
    command
}

/// Prepares to run curl, which says nothing but what went wrong, and ends by itself.
fn curl(arguments: &[&str]) -> Command {
    let mut curl = client("curl");
    curl.args(["--silent", "--show-error", "--max-time", "60"]).args(arguments);
    curl
}

/// Has curl ask for a page twice, and checks that one connection did.
fn assert_greeted_twice_on_one_connection(arguments: &[&str], url: &str, backend: &Backend) {
    let mut curl = curl(arguments);
    curl.args(["--write-out", "%{num_connects} %{http_code}\n", url, url]);
    assert_eq!(run(curl), "Hello, world!\n1 200\nHello, world!\n0 200\n", "{backend}");
}

/// Runs a client to its end, and gives what it printed.
fn run(mut client: Command) -> String {
    let output: Output = output_within(&mut client, PATIENCE);
    assert!(output.status.success(), "{client:?}: {}", text(&output));
    String::from_utf8_lossy(&output.stdout).replace('\r', "\n")
}
