//! Ctrl-C, seen from outside: the test runs itself again as a child and interrupts that.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use polyloop::ErrorKind;

const CHILD: &str = "POLYLOOP_TEST_INTERRUPT_CHILD";

/// What the child does; a test that passes at once when it is not the child.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else { return };
    struct Unwound;
    impl Drop for Unwound {
        fn drop(&mut self) {
            println!("unwound");
        }
    }
    let result = polyloop::run(async move {
        let _unwound = Unwound;
        println!("ready");
        if mode == "stubborn" {
            loop {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        std::future::pending::<()>().await;
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    println!("orderly");
}

fn spawn(mode: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["interrupt::child", "--exact", "--nocapture"])
        .env(CHILD, mode)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.ends_with("ready\n") {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "the child ended before it was ready");
    }
    (child, output)
}

fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

fn wait(child: &mut Child) -> std::process::ExitStatus {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begin.elapsed() > Duration::from_secs(10) {
            child.kill().unwrap();
            panic!("the child did not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_first_ctrl_c_unwinds_the_main_future_and_run_returns() {
    let (mut child, mut output) = spawn("orderly");
    interrupt(&child);
    assert!(wait(&mut child).success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("unwound\norderly\n"), "{rest}");
}

#[test]
fn the_second_ctrl_c_ends_the_process() {
    use std::os::unix::process::ExitStatusExt;

    let (mut child, _output) = spawn("stubborn");
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none(), "the first Ctrl-C ended a busy process");
    interrupt(&child);
    assert_eq!(wait(&mut child).signal(), Some(2));
}
