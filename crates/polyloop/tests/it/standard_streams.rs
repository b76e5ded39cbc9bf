//! The standard streams of real processes: this test program again, with its streams redirected.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ::futures::TryStreamExt;
use rustix::fs::OFlags;

use crate::files::{Scratch, pattern};
use crate::run;

/// Says what the child does; without it the test that is the child does nothing.
const ROLE: &str = "POLYLOOP_TEST_STANDARD_STREAMS";

/// What a child has to say goes there: its standard output is what is tested.
const REPORT: &str = "POLYLOOP_TEST_REPORT";

fn child(role: &str, report: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "standard_streams::a_child_in_its_role"]);
    command.env(ROLE, role).env(REPORT, report);
    command
}

/// Waits for a child, and kills it if it takes longer than any should.
fn wait_for(mut child: Child) {
    let expires = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "the child ended with {status}");
            return;
        }
        if Instant::now() > expires {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the child did not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Runs in the child only.
#[test]
fn a_child_in_its_role() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let report = std::env::var(REPORT).unwrap();
    run(async move {
        let told = match role.as_str() {
            "count" => {
                let mut input = polyloop::io::stdin().unwrap();
                let mut all = Vec::new();
                polyloop::io::copy(&mut input, &mut all).await.unwrap();
                let intact = all == pattern(all.len());
                format!("{} {intact}", all.len())
            }
            "exact" => {
                let mut input = polyloop::io::stdin().unwrap();
                let (mut head, mut rest) = ([0; 7], Vec::new());
                input.read_exact(&mut head).await.unwrap();
                let count = input.read_to_end(&mut rest).await.unwrap();
                let error = input.read_exact(&mut head).await.unwrap_err();
                format!(
                    "{} {count} {}",
                    [&head[..], &rest].concat() == pattern(300_000),
                    error.transferred()
                )
            }
            "lines" => {
                let lines = polyloop::io::stdin().unwrap().lines();
                let lines: Vec<String> = lines.try_collect().await.unwrap();
                lines.join("|")
            }
            "one line" => {
                use ::futures::StreamExt;
                let mut lines = polyloop::io::stdin().unwrap().lines();
                let line = lines.next().await.unwrap().unwrap();
                let input = std::io::stdin();
                let flags = rustix::fs::fcntl_getfl(input.as_fd()).unwrap();
                let mut output = polyloop::io::stdout().unwrap();
                output.write_all(b"answer\n").await.unwrap();
                format!("{line} {}", flags.contains(OFlags::NONBLOCK))
            }
            "write" => {
                let mut output = polyloop::io::stdout().unwrap();
                output.write_all(b"begin>").await.unwrap();
                output.write_all(&pattern(500_000)).await.unwrap();
                let mut error = polyloop::io::stderr().unwrap();
                error.write_all(b"on the other stream").await.unwrap();
                "done".to_owned()
            }
            "fail" => {
                let mut output = polyloop::io::stdout().unwrap();
                loop {
                    if let Err(error) = output.write_all(b"anybody?").await {
                        break error.to_string();
                    }
                }
            }
            other => panic!("no role is called {other}"),
        };
        std::fs::write(report, told).unwrap();
    });
}

fn count_of(input: Stdio, scratch: &Scratch) -> String {
    let report = scratch.path("report");
    let spawned = child("count", &report).stdin(input).stdout(Stdio::null()).spawn().unwrap();
    wait_for(spawned);
    std::fs::read_to_string(report).unwrap()
}

#[test]
fn the_input_may_be_a_file() {
    let scratch = Scratch::new("input-file");
    std::fs::write(scratch.path("data"), pattern(300_000)).unwrap();
    let file = File::open(scratch.path("data")).unwrap();
    assert_eq!(count_of(file.into(), &scratch), "300000 true");
}

#[test]
fn the_input_may_be_nothing() {
    let scratch = Scratch::new("input-null");
    assert_eq!(count_of(Stdio::null(), &scratch), "0 true");
}

#[test]
fn the_input_may_be_a_pipe() {
    let scratch = Scratch::new("input-pipe");
    let report = scratch.path("report");
    let mut spawned =
        child("count", &report).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut input = spawned.stdin.take().unwrap();
    input.write_all(&pattern(300_000)).unwrap();
    drop(input);
    wait_for(spawned);
    assert_eq!(std::fs::read_to_string(report).unwrap(), "300000 true");
}

#[test]
fn the_input_may_be_a_socket() {
    let scratch = Scratch::new("input-socket");
    let report = scratch.path("report");
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let spawned =
        child("count", &report).stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).spawn().unwrap();
    ours.write_all(&pattern(100_000)).unwrap();
    drop(ours);
    wait_for(spawned);
    assert_eq!(std::fs::read_to_string(report).unwrap(), "100000 true");
}

#[test]
fn the_input_is_read_exactly_and_to_its_end() {
    let scratch = Scratch::new("input-exact");
    let report = scratch.path("report");
    std::fs::write(scratch.path("data"), pattern(300_000)).unwrap();
    let file = File::open(scratch.path("data")).unwrap();
    wait_for(child("exact", &report).stdin(file).stdout(Stdio::null()).spawn().unwrap());
    assert_eq!(std::fs::read_to_string(&report).unwrap(), "true 299993 0", "a file");
    let mut piped = child("exact", &report);
    let mut piped = piped.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    piped.stdin.take().unwrap().write_all(&pattern(300_000)).unwrap();
    wait_for(piped);
    assert_eq!(std::fs::read_to_string(report).unwrap(), "true 299993 0", "a pipe");
}

#[test]
fn the_input_is_read_by_lines() {
    let scratch = Scratch::new("input-lines");
    let report = scratch.path("report");
    std::fs::write(scratch.path("data"), "one\ntwo\r\n\nlast").unwrap();
    let file = File::open(scratch.path("data")).unwrap();
    wait_for(child("lines", &report).stdin(file).stdout(Stdio::null()).spawn().unwrap());
    assert_eq!(std::fs::read_to_string(report).unwrap(), "one|two||last");
}

#[test]
fn a_terminal_is_read_and_written_and_stays_one_that_waits() {
    let scratch = Scratch::new("terminal");
    let report = scratch.path("report");
    let (master, terminal) = terminal();
    let spawned = child("one line", &report)
        .stdin(terminal.try_clone().unwrap())
        .stdout(terminal.try_clone().unwrap())
        .spawn()
        .unwrap();
    let mut master = File::from(master);
    master.write_all(b"typed\n").unwrap();
    wait_for(spawned);
    // Nobody set it so while the child ran, and nobody has since.
    let flags = rustix::fs::fcntl_getfl(&terminal).unwrap();
    assert!(!flags.contains(OFlags::NONBLOCK));
    assert_eq!(std::fs::read_to_string(report).unwrap(), "typed false");
    let mut shown = [0; 4096];
    let mut all = Vec::new();
    let expires = Instant::now() + Duration::from_secs(10);
    // What was typed is echoed, and the test program tells of itself; the answer is in between.
    while !String::from_utf8_lossy(&all).contains("answer\r\n") {
        assert!(Instant::now() < expires, "{:?}", String::from_utf8_lossy(&all));
        let count = master.read(&mut shown).unwrap();
        all.extend_from_slice(&shown[..count]);
    }
}

fn terminal() -> (OwnedFd, OwnedFd) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let terminal = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).unwrap();
    (master, terminal)
}

/// Finds what the role wrote between what the test program says of itself.
fn written(all: &[u8]) -> &[u8] {
    let begin = all.windows(6).position(|window| window == b"begin>").expect("it was written");
    &all[begin + 6..begin + 6 + 500_000]
}

#[test]
fn the_output_may_be_a_pipe_that_is_read_slowly() {
    let scratch = Scratch::new("output-pipe");
    let report = scratch.path("report");
    let mut spawned = child("write", &report)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut all = Vec::new();
    spawned.stdout.take().unwrap().read_to_end(&mut all).unwrap();
    let mut other = String::new();
    spawned.stderr.take().unwrap().read_to_string(&mut other).unwrap();
    wait_for(spawned);
    assert!(written(&all) == pattern(500_000));
    assert!(other.contains("on the other stream"), "{other:?}");
}

#[test]
fn the_output_may_be_a_file() {
    let scratch = Scratch::new("output-file");
    let report = scratch.path("report");
    let file = File::create(scratch.path("out")).unwrap();
    wait_for(child("write", &report).stdin(Stdio::null()).stdout(file).spawn().unwrap());
    assert!(written(&std::fs::read(scratch.path("out")).unwrap()) == pattern(500_000));
}

#[test]
fn an_output_that_nobody_reads_is_an_error() {
    let scratch = Scratch::new("output-closed");
    let report = scratch.path("report");
    let mut spawned = child("fail", &report)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Only once the role has begun: the test program says before that what it runs.
    let mut output = spawned.stdout.take().unwrap();
    let (mut all, mut buf) = (Vec::new(), [0; 4096]);
    while !all.windows(8).any(|window| window == b"anybody?") {
        let count = output.read(&mut buf).unwrap();
        assert!(count > 0, "{:?}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&buf[..count]);
    }
    drop(output);
    // The test program itself fails to tell of its success then.
    spawned.wait().unwrap();
    let told = std::fs::read_to_string(report).unwrap();
    assert!(told.contains("write to the standard output"), "{told}");
}
