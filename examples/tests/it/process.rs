//! The examples' programs.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

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

/// Runs a program to its end, which must come in time.
///
/// # Panics
///
/// If it does not: the program is killed, and what it said is shown.
pub(crate) fn output_within(command: &mut Command, limit: Duration) -> Output {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let pid = Pid::from_child(&child);
    let (ended, waits) = mpsc::channel();
    let watchdog = std::thread::spawn(move || {
        let in_time = waits.recv_timeout(limit).is_ok();
        if !in_time {
            // It has not been waited for, so the number is still its own.
            let _ = kill_process(pid, Signal::KILL);
        }
        in_time
    });
    // This reads both streams to their ends before it waits.
    let output = child.wait_with_output().expect("its output can be read");
    let _ = ended.send(());
    let in_time = watchdog.join().expect("the watchdog does not panic");
    assert!(in_time, "{command:?} took more than {limit:?}: {}", text(&output));
    output
}
