//! The examples' programs.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Prepares to run an example as a process of its own.
///
/// # Panics
///
/// If it has not been built: `cargo test` builds examples, `cargo test --test it` does not.
pub(crate) fn example(name: &str) -> Command {
    let mut path = std::env::current_exe().expect("the path of this test");
    path.pop();
    let path: PathBuf = path.parent().expect("tests are in a folder of it").join("examples");
    let program = path.join(name);
    assert!(program.exists(), "{} is missing: cargo build --examples", program.display());
    let mut command = Command::new(program);
    // The choice of a backend is the test's.
    command.env_remove("POLYLOOP_BACKEND").stdin(Stdio::null());
    command
}

/// Runs an example to its end.
pub(crate) fn output_of(name: &str, arguments: &[&str]) -> Output {
    example(name).args(arguments).output().expect("an example can be started")
}

/// Gives what a program said, for a message.
pub(crate) fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}\n{}{}", output.status, String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}
