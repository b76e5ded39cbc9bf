//! The command, run on this very process.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use polyloop::{Runner, create_named_task};

/// A directory of a test's own, in which the command looks for sockets.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let name = format!("polyloop-cli-{}-{name}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&directory).unwrap();
        Place(directory)
    }

    fn polyloop(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_polyloop"))
            .args(arguments)
            .env("XDG_RUNTIME_DIR", &self.0)
            .env_remove("POLYLOOP_INSPECT")
            .output()
            .unwrap()
    }

    /// Runs the command while a loop with a task named `worker` runs.
    fn look(&self, arguments: &[&str]) -> Output {
        let runner = Runner::builder().inspect(&self.0).build().unwrap();
        let handle = runner.event_loop().handle();
        let (begin, begun) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let looking = scope.spawn(move || {
                begun.recv().unwrap();
                let output = self.polyloop(arguments);
                handle.wake();
                output
            });
            runner
                .run(async move {
                    create_named_task("worker", std::future::pending::<()>()).detach();
                    // It has been polled then, and waits.
                    polyloop::yield_now().await;
                    begin.send(()).unwrap();
                    polyloop::sleep(std::time::Duration::from_millis(1500)).await;
                })
                .unwrap();
            looking.join().unwrap()
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn failure(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn success(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_process_shows_its_tasks_by_its_number() {
    let place = Place::new("number");
    let text = success(&place.look(&["ps", &std::process::id().to_string()]));
    assert!(text.contains("worker  waiting  something else"), "{text}");
}

#[test]
fn a_directory_and_a_path_work_too() {
    let place = Place::new("path");
    let text = success(&place.look(&["pstree", place.0.to_str().unwrap()]));
    assert!(text.contains("worker: waits for something else (made at "), "{text}");
    let socket = place.0.join("mine.sock");
    let runner = Runner::builder().inspect(&socket).build().unwrap();
    let text = failure(&place.polyloop(&["metrics", socket.to_str().unwrap()]));
    assert!(text.contains("the loop has not answered"), "{text}");
    drop(runner);
}

#[test]
fn a_process_that_is_not_there_or_lets_nobody_look_in_is_said_to_be() {
    let place = Place::new("nobody");
    let text = failure(&place.polyloop(&["ps", "1999999999"]));
    if std::path::Path::new("/proc/self").exists() {
        assert_eq!(text, "polyloop: ps 1999999999: there is no process 1999999999\n");
    }
    let text = failure(&place.polyloop(&["ps", "1"]));
    assert!(text.contains("process 1 lets nobody look in"), "{text}");
    assert!(text.contains(place.0.to_str().unwrap()), "{text}");
}

#[test]
fn other_files_and_dead_sockets_are_told_apart() {
    let place = Place::new("files");
    let path = |name: &str| place.0.join(name).to_str().unwrap().to_owned();
    let text = failure(&place.polyloop(&["ps", &path("nothing")]));
    assert!(
        text.contains("look for a loop's socket at") && text.contains("No such file"),
        "{text}"
    );
    drop(std::os::unix::net::UnixListener::bind(path("dead")).unwrap());
    let text = failure(&place.polyloop(&["ps", &path("dead")]));
    assert!(text.contains("nobody listens"), "{text}");
    let text = failure(&place.polyloop(&["ps", &path("")]));
    assert!(text.contains("no loop's socket"), "{text}");
}

#[test]
fn a_wrong_call_shows_how_it_is_used() {
    let place = Place::new("usage");
    let output = place.polyloop(&["top", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(failure(&output).contains("Usage: polyloop ps|pstree|metrics"));
}
