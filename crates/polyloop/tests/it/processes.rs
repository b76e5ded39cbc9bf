//! Child processes: real ones, of the programs that every Unix has.

#![cfg(unix)]

mod exits;
mod portable;
mod signals;
mod starting;
mod talking;
mod transports;

use std::time::{Duration, Instant};

use polyloop::process::{Command, PIPE, Process};

/// Starts a shell that runs a script.
fn shell(script: &str) -> Command {
    polyloop::create_subprocess_shell(script)
}

/// Starts a program that runs until its input ends.
fn waiting() -> Process {
    Command::new("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap()
}

/// Waits until something is so, in a task.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        polyloop::sleep(Duration::from_millis(2)).await;
    }
}

/// Tells whether a child of this process has not been waited for. (Somebody else may have its number by now.)
fn is_known(pid: u32) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(pid), look).is_ok()
}
