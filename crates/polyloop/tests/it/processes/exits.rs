use std::os::unix::process::ExitStatusExt;
use std::rc::Rc;
use std::time::Duration;

use polyloop::process::{Command, PIPE, Process};
use polyloop::{ErrorKind, Runner};

use super::{is_known, shell, until, waiting};
use crate::run;

/// What every route to an exit owes.
pub(super) async fn exits_are_told() {
    // Exits before anybody waits, and one that is waited for twice.
    let quick: Vec<Process> =
        (0..20).map(|code| shell(&format!("exit {code}")).spawn().unwrap()).collect();
    let mut foreign = std::process::Command::new("/bin/sh").args(["-c", "exit 9"]).spawn().unwrap();
    for (code, process) in quick.iter().enumerate() {
        assert_eq!(process.wait().await.unwrap().code(), Some(code as i32));
        assert_eq!(process.wait().await.unwrap().code(), Some(code as i32));
        assert_eq!(process.returncode(), Some(code as i32));
        assert!(!is_known(process.pid()), "it is waited for");
    }
    // A long one, given up once, beside one that is killed.
    let long = waiting();
    let given_up = polyloop::timeout(Duration::from_millis(20), long.wait()).await;
    assert!(given_up.is_err() && long.returncode().is_none());
    let killed = waiting();
    killed.kill().unwrap();
    assert_eq!(killed.wait().await.unwrap().signal(), Some(9));
    let long = Rc::new(std::cell::RefCell::new(long));
    let input = long.borrow_mut().stdin().take();
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let long = long.clone();
            #[expect(clippy::await_holding_refcell_ref, reason = "only shared borrows from here")]
            polyloop::create_task(async move { long.borrow().wait().await.unwrap().code() })
        })
        .collect();
    drop(input);
    for task in tasks {
        assert_eq!(task.await.unwrap(), Some(0));
    }
    assert_eq!(foreign.wait().unwrap().code(), Some(9), "a foreign child was waited for");
}

#[test]
fn exits_are_told_whoever_waits_and_whenever() {
    run(exits_are_told());
}

/// What a storm of exits owes.
pub(super) async fn many_exits_are_told() {
    let (reader, writer) = std::io::pipe().unwrap();
    let processes: Vec<Process> = (0..500)
        .map(|n| {
            let command = shell(&format!("read line; exit {}", n % 200));
            command.stdin(reader.try_clone().unwrap()).spawn().unwrap()
        })
        .collect();
    drop(reader);
    // They all end at once: the last writer of their input goes.
    drop(writer);
    for (n, process) in processes.iter().enumerate() {
        assert_eq!(process.wait().await.unwrap().code(), Some((n % 200) as i32));
    }
    assert!(processes.iter().all(|process| !is_known(process.pid())), "a zombie is left");
}

#[test]
fn five_hundred_exits_at_once_are_each_told() {
    run(many_exits_are_told());
}

#[test]
fn a_closed_loop_leaves_no_zombie_and_kills_what_it_was_told_to() {
    let runner = Runner::new().unwrap();
    let (left, killed, pid) = runner
        .run(async {
            let killed = Command::new("sleep").arg("60").kill_on_drop(true).spawn().unwrap();
            let left = waiting();
            let pid = killed.pid();
            (left, killed, pid)
        })
        .unwrap();
    drop(runner);
    let error = run(async move {
        let error = left.wait().await.unwrap_err();
        assert_eq!(left.kill().unwrap_err().raw_os_error(), Some(3), "it is nobody's any more");
        let pid = left.pid();
        drop(left);
        // Its input is closed with its loop, so it ends; the next start, which may be another test's, waits
        // for it.
        until("both are waited for", || {
            drop(Command::new("true").spawn().unwrap());
            !is_known(pid)
        })
        .await;
        error
    });
    assert_eq!(error.kind(), ErrorKind::LoopClosed);
    drop(killed);
    run(async move {
        until("the killed one is waited for", || {
            drop(Command::new("true").spawn().unwrap());
            !is_known(pid)
        })
        .await;
    });
}

const CHILD: &str = "POLYLOOP_TEST_PROCESSES_CHILD";

fn count_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// What the child does; a test that passes at once when it is not the child.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    run(async {
        // What the loop and the process make once is there after the first.
        shell("cat").stdin(PIPE).stdout(PIPE).stderr(PIPE).output().await.unwrap();
        let before = count_descriptors();
        for n in 0..50 {
            let mut process = shell("cat").stdin(PIPE).stdout(PIPE).stderr(PIPE).spawn().unwrap();
            match n % 3 {
                0 => drop(process.communicate("some input").await.unwrap()),
                1 => process.kill().unwrap(),
                _ => {}
            }
        }
        let failed = Command::new("/no/such/program").stdin(PIPE).stdout(PIPE).spawn();
        assert!(failed.is_err());
        until("every descriptor is closed", || count_descriptors() == before).await;
    });
    println!("nothing is left");
}

#[test]
fn no_descriptor_is_left_of_processes() {
    run(async {
        let test = Command::new(std::env::current_exe().unwrap())
            .args(["processes::exits::child", "--exact", "--nocapture"])
            .env(CHILD, "1");
        let output = test.output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("nothing is left"), "{text}");
    });
}
