//! Looking into a loop from outside: the test runs itself again as a child and asks that.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use polyloop::{ErrorKind, Runner, RunnerBuilder, create_named_task, sleep};

const CHILD: &str = "POLYLOOP_TEST_INSPECT_CHILD";

/// What the child does; a test that passes at once when it is not the child.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else { return };
    let runner = Runner::builder().watchdog(Duration::from_secs(3600)).build().unwrap();
    let ready = || println!("\nready");
    let result = runner.run(async move {
        let worker = create_named_task("worker", sleep(Duration::from_secs(60)));
        create_named_task("boss", async { worker.await.unwrap() }).detach();
        create_named_task("announcer", async move {
            sleep(Duration::from_millis(1)).await;
            ready();
            if mode == "blocked" {
                std::thread::sleep(Duration::from_secs(60));
            }
        })
        .detach();
        std::future::pending::<()>().await;
    });
    drop(result);
}

/// A directory of this test's own, and a child that is killed at the end.
struct World {
    directory: PathBuf,
    child: Option<Child>,
}

impl World {
    fn new(name: &str) -> World {
        let name = format!("polyloop-test-{}-{name}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&directory).unwrap();
        World { directory, child: None }
    }

    fn with_child(name: &str, mode: &str) -> World {
        let mut world = World::new(name);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["inspecting::child", "--exact", "--nocapture"])
            .env(CHILD, mode)
            .env("POLYLOOP_INSPECT", &world.directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        world.child = Some(child);
        let mut line = String::new();
        while line != "ready\n" {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "the child ended early");
        }
        world
    }

    fn sockets(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.directory).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn path(&self) -> PathBuf {
        self.directory.join("loop.sock")
    }

    fn ask(&self, request: &str) -> String {
        let sockets = self.sockets();
        assert_eq!(sockets.len(), 1, "{sockets:?}");
        ask(&sockets[0], request)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        std::fs::remove_dir_all(&self.directory).unwrap();
    }
}

fn ask(path: &Path, request: &str) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    writeln!(stream, "{request}").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

fn builder(path: &Path) -> RunnerBuilder {
    Runner::builder().inspect(path)
}

#[test]
fn another_process_shows_its_tasks_its_tree_and_its_metrics() {
    let world = World::with_child("views", "waiting");
    let table = world.ask("ps");
    assert!(table.starts_with("ok\nloop "), "{table}");
    let row = table.lines().find(|line| line.starts_with("worker")).unwrap();
    assert!(row.contains("waiting  a timer, due in ") && row.contains("inspecting.rs:"), "{row}");
    let tree = world.ask("pstree");
    assert!(tree.contains("\nboss: waits for task worker ("), "{tree}");
    assert!(tree.contains("\n└── worker: waits for a timer"), "{tree}");
    let metrics = world.ask("metrics");
    assert!(metrics.contains("\ntasks 3\n") && metrics.contains("\niterations "), "{metrics}");
    assert!(world.ask("kill").starts_with("error: unknown request \"kill\""));
    // A client that sends too much is cut off, and harms nobody else.
    let mut stream = UnixStream::connect(&world.sockets()[0]).unwrap();
    let _ = stream.write_all(&[b'x'; 100_000]);
    assert!(world.ask("ps").starts_with("ok\n"));
}

#[test]
fn the_sockets_name_has_the_process_and_only_the_owner_may_connect() {
    let world = World::with_child("owner", "waiting");
    let socket = world.sockets().remove(0);
    let process = world.child.as_ref().unwrap().id();
    let name = socket.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with(&format!("polyloop-{process}-")), "{name}");
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_blocked_loop_is_reported_with_the_task_that_blocks_it() {
    let world = World::with_child("blocked", "blocked");
    let reply = world.ask("ps");
    assert!(reply.starts_with("error: the loop has not answered for 1s: "), "{reply}");
    assert!(reply.contains("the task announcer (made at "), "{reply}");
}

#[test]
fn a_closed_loop_leaves_nothing_behind() {
    let world = World::new("close");
    let runner = builder(&world.path()).build().unwrap();
    assert_eq!(world.sockets(), [world.path()]);
    drop(runner);
    assert!(world.sockets().is_empty());
}

#[test]
fn a_socket_to_which_nobody_listens_is_replaced() {
    let world = World::new("stale");
    drop(std::os::unix::net::UnixListener::bind(world.path()).unwrap());
    let runner = builder(&world.path()).build().unwrap();
    assert!(UnixStream::connect(world.path()).is_ok());
    // What took its place meanwhile is not removed at the end.
    std::fs::remove_file(world.path()).unwrap();
    std::fs::write(world.path(), "another's").unwrap();
    drop(runner);
    assert_eq!(std::fs::read_to_string(world.path()).unwrap(), "another's");
}

#[test]
fn what_is_at_the_path_is_not_replaced() {
    let world = World::new("taken");
    std::fs::write(world.path(), "precious").unwrap();
    let error = builder(&world.path()).build().unwrap_err();
    assert!(error.to_string().contains("loop.sock"), "{error}");
    assert_eq!(std::fs::read_to_string(world.path()).unwrap(), "precious");
    std::fs::remove_file(world.path()).unwrap();
    let listener = std::os::unix::net::UnixListener::bind(world.path()).unwrap();
    let error = builder(&world.path()).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse));
    drop(listener);
    assert_eq!(world.sockets(), [world.path()], "the attempts left something behind");
}

#[test]
fn a_directory_that_others_can_write_to_is_refused() {
    let world = World::new("open");
    let set = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&world.directory, permissions).unwrap();
    };
    set(0o777);
    let error = builder(&world.directory).build().unwrap_err();
    assert!(error.to_string().contains("others can replace files"), "{error}");
    set(0o1777);
    builder(&world.directory).build().unwrap();
    set(0o700);
    assert!(world.sockets().is_empty());
}

#[test]
fn a_loop_that_nobody_runs_says_so() {
    let world = World::new("idle");
    let runner = builder(&world.path()).build().unwrap();
    let reply = ask(&world.path(), "ps");
    assert!(reply.contains("nobody runs it"), "{reply}");
    drop(runner);
}
