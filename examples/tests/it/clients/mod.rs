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

use crate::process::{output_within, text};

/// The longest that a client may take: far more than it needs, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Finds a client, or says that it is missing.
fn client(name: &str) -> Option<Command> {
    let found = Command::new(name).arg("--version").stdin(Stdio::null()).output().is_ok();
    if !found {
        let expected =
            std::env::var_os("POLYLOOP_EXPECT_CLIENTS").is_some_and(|value| value == "1");
        assert!(!expected, "{name} is missing: scripts/install-clients installs it");
        eprintln!("skipped: {name} is not installed");
    }
    found.then(|| {
        let mut command = Command::new(name);
        command.stdin(Stdio::null());
        command
    })
}

/// Runs a client to its end, and gives what it printed.
fn run(mut client: Command) -> String {
    let output: Output = output_within(&mut client, PATIENCE);
    assert!(output.status.success(), "{client:?}: {}", text(&output));
    String::from_utf8_lossy(&output.stdout).replace('\r', "\n")
}
