//! What a signal does before, while and after a loop handles it, seen from outside.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use polyloop::Loop;
use polyloop::signal::{SignalKind, signals};

const CHILD: &str = "POLYLOOP_TEST_SIGNALS_CHILD";

/// What the child does; a test that passes at once when it is not the child.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else { return };
    let result = polyloop::run(async move {
        let events = Loop::current()?;
        match &*mode {
            "removed" => {
                events.add_signal_handler(SignalKind::TERMINATE, || println!("called"))?;
                events.remove_signal_handler(SignalKind::TERMINATE);
                let stream = signals([SignalKind::HANGUP])?;
                drop(stream);
            }
            "closed" => {
                std::thread::spawn(|| {
                    let closed = polyloop::new_event_loop().unwrap();
                    closed.add_signal_handler(SignalKind::TERMINATE, || {}).unwrap();
                    closed.close();
                })
                .join()
                .unwrap();
            }
            "own" => {
                let mut stream = signals([SignalKind::INTERRUPT])?;
                println!("ready");
                stream.recv().await?;
                // Long enough for an interruption to take effect.
                polyloop::sleep(Duration::from_millis(50)).await;
                println!("own");
                return Ok(());
            }
            _ => {
                let alive = || println!("alive");
                events.add_signal_handler(SignalKind::USER_DEFINED_1, alive)?;
            }
        }
        println!("ready");
        // Somebody ends this process; if nobody does, it ends itself.
        polyloop::sleep(Duration::from_secs(20)).await;
        Ok::<(), polyloop::Error>(())
    });
    println!("ended {result:?}");
}

/// A child that is killed if the test ends before it.
struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts a child, with a signal ignored if its name is given, and waits until it is ready.
    fn start(mode: &str, ignored: Option<&str>) -> Running {
        let test = std::env::current_exe().unwrap();
        let arguments = ["signals::dispositions::child", "--exact", "--nocapture"];
        let mut command = match ignored {
            None => Command::new(test),
            Some(name) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &format!("trap '' {name}; exec \"$@\""), "sh"]).arg(test);
                shell
            }
        };
        let command = command.args(arguments).env(CHILD, mode).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut running = Running { child, output };
        running.read_until("ready");
        running
    }

    fn read_until(&mut self, what: &str) {
        let mut line = String::new();
        while !line.trim_end().ends_with(what) {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "it ended before {what}");
        }
    }

    fn send(&self, kind: SignalKind) {
        let pid = rustix::process::Pid::from_child(&self.child);
        let signal = rustix::process::Signal::from_named_raw(kind.as_raw()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    fn wait(&mut self) -> (ExitStatus, String) {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begin.elapsed() < Duration::from_secs(15), "the child did not end");
            std::thread::sleep(Duration::from_millis(2));
        };
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (status, rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_signal_that_nobody_handles_any_more_has_its_default_effect() {
    for (mode, kind) in [
        ("removed", SignalKind::TERMINATE),
        ("removed", SignalKind::HANGUP),
        ("closed", SignalKind::TERMINATE),
    ] {
        let mut child = Running::start(mode, None);
        child.send(kind);
        let (status, rest) = child.wait();
        assert_eq!(status.signal(), Some(kind.as_raw()), "{mode}: {status}, {rest}");
    }
}

#[test]
fn a_signal_that_was_ignored_before_is_ignored_again() {
    let mut child = Running::start("removed", Some("HUP"));
    child.send(SignalKind::HANGUP);
    child.send(SignalKind::TERMINATE);
    let (status, rest) = child.wait();
    assert_eq!(status.signal(), Some(SignalKind::TERMINATE.as_raw()), "{status}, {rest}");
}

#[test]
fn a_process_that_was_started_to_ignore_ctrl_c_is_not_interrupted() {
    let mut child = Running::start("alive", Some("INT"));
    for _ in 0..3 {
        child.send(SignalKind::INTERRUPT);
        child.send(SignalKind::USER_DEFINED_1);
        child.read_until("alive");
    }
    child.send(SignalKind::TERMINATE);
    let (status, rest) = child.wait();
    assert_eq!(status.signal(), Some(SignalKind::TERMINATE.as_raw()), "{status}, {rest}");
}

#[test]
fn a_loop_that_handles_ctrl_c_itself_is_not_interrupted() {
    let mut child = Running::start("own", None);
    child.send(SignalKind::INTERRUPT);
    let (status, rest) = child.wait();
    assert!(status.success() && rest.contains("own\nended Ok(Ok(()))"), "{status}, {rest}");
}
