//! `tcp_proxy` in front of PostgreSQL, by pgbench.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use polyloop_examples::available_backends;
use rustix::process::{Pid, Signal, getuid, kill_process};

use super::{client, is_installed, run};
use crate::server::Server;

/// A PostgreSQL with a database of its own, in a folder that goes with it.
struct Postgres {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    fn start() -> Postgres {
        let folder = std::env::temp_dir().join(format!("polyloop-postgres-{}", std::process::id()));
        fs::create_dir(&folder).expect("a folder of its own");
        // The server refuses to run as root, so this folder must be another user's too.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("its folder");
        let data = folder.join("data");
        let mut initdb = server_program("initdb");
        initdb.arg("-D").arg(&data).args(["-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"]);
        run(initdb);
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("a listener has an address").port();
        drop(free);
        let process = server_program("postgres")
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it was found");
        let postgres = Postgres { process, folder, port };
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "PostgreSQL does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        postgres
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An interrupt is how it is asked to stop at once and in order.
        let _ = kill_process(Pid::from_child(&self.process), Signal::INT);
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Prepares to run a program of the server's, as a user that may.
fn server_program(name: &str) -> Command {
    let program = server_folder().map_or_else(|| name.into(), |folder| folder.join(name));
    let mut command = if getuid().is_root() {
        // It becomes the program itself, so its number is the program's.
        let mut as_other = Command::new("setpriv");
        as_other.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        as_other
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Finds where Debian keeps the server's programs, which are not on the path.
fn server_folder() -> Option<PathBuf> {
    let versions = fs::read_dir(Path::new("/usr/lib/postgresql")).ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    folders.filter(|folder| folder.join("postgres").exists()).max()
}

fn pgbench(port: u16, arguments: &[&str]) -> String {
    let mut pgbench = client("pgbench");
    pgbench.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-U", "postgres"]);
    pgbench.args(arguments).arg("postgres");
    run(pgbench)
}

#[test]
fn pgbench_finds_no_failure_through_the_proxy() {
    if !is_installed("pgbench") || !is_installed("setpriv") {
        return;
    }
    let postgres = Postgres::start();
    pgbench(postgres.port, &["-i", "-s", "1", "-q"]);
    let behind = format!("127.0.0.1:{}", postgres.port);
    for backend in available_backends() {
        let proxy = Server::start_example("tcp_proxy", &["--connect", &behind], &backend);
        for mode in
            [&["-c", "8", "-t", "50"][..], &["-S", "-M", "prepared", "-c", "8", "-t", "200"]]
        {
            let said = pgbench(proxy.address().port(), mode);
            let transactions = if mode.len() == 4 { "400/400" } else { "1600/1600" };
            let processed = format!("number of transactions actually processed: {transactions}");
            assert!(said.contains(&processed), "{backend}: {said}");
            assert!(said.contains("number of failed transactions: 0"), "{backend}: {said}");
        }
        assert_eq!(proxy.interrupt().0.code(), Some(0), "{backend}");
    }
}
