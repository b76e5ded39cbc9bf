//! 10,000 connections that wait, to a server in a process of its own: what each takes of its memory, and
//! that none keeps a buffer for what may come. With a task that reads a plain stream (`echo_server`), with
//! stream readers and writers, and with transports and protocols.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use polyloop::{
    Backend, Loop, Protocol, Runner, StreamReader, StreamWriter, Transport, create_server,
    start_server,
};
use polyloop_examples::available_backends;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::load::{PATIENCE, memory, row};
use crate::server::Server;

const IDLE: usize = 10_000;

/// What an idle connection may take of the server's memory, its task or protocol included: on readiness
/// loops and on a ring, about an eighth more than it takes. docs/benchmarking.md says where each byte goes.
const MOST: [(&str, u64, u64); 3] =
    [("plain streams", 620, 680), ("streams", 730, 880), ("transports", 510, 540)];

/// Connections that are served before, so that what the first ones need is there already.
const FIRST_FEW: usize = 500;

/// Says how the child serves; without it the test that is the child does nothing.
const ROLE: &str = "POLYLOOP_TEST_IDLE_SERVER";

/// What asks for the number of chunks that are lent out.
const ASK: &[u8] = b"chunks?";

/// A server that is this test program again.
struct OwnServer {
    child: Child,
    _output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl OwnServer {
    fn start(role: &str, backend: &Backend) -> OwnServer {
        let mut child = Command::new(std::env::current_exe().expect("the path of this test"))
            .args(["--exact", "--nocapture", "idle::a_server_in_its_role"])
            .env(ROLE, role)
            .env("POLYLOOP_BACKEND", backend.name())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started");
        let mut output = BufReader::new(child.stdout.take().expect("the output is piped"));
        let mut said = String::new();
        // The test program tells of itself before.
        let address = loop {
            let mut line = String::new();
            assert!(output.read_line(&mut line).expect("text") > 0, "the server said {said:?}");
            if let Some((_, address)) = line.trim_end().split_once("listening on ") {
                break address.parse().expect("an address and a port");
            }
            said += &line;
        };
        OwnServer { child, _output: output, address }
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs in the child only.
#[test]
fn a_server_in_its_role() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let serving = Runner::new().expect("the backend works").run(async move {
        let server = match role.as_str() {
            "streams" => start_server(echo, "127.0.0.1:0").await?,
            "transports" => create_server(|| Echo, "127.0.0.1:0").await?,
            other => panic!("no role is called {other}"),
        };
        println!("listening on {}", server.local_addr()?);
        server.serve_forever().await
    });
    serving.expect("the loop runs").expect("it serves until it is killed");
}

fn chunks_lent() -> u8 {
    let census = Loop::current().expect("a loop runs here").census();
    u8::try_from(census.chunks).unwrap_or(u8::MAX)
}

async fn echo(mut reader: StreamReader, writer: StreamWriter) -> polyloop::Result<()> {
    while let Some(chunk) = reader.read_chunk().await? {
        let asked = *chunk == *ASK;
        if !asked {
            writer.write(&chunk);
        }
        drop(chunk);
        if asked {
            writer.write(&[chunks_lent()]);
        }
        writer.drain().await?;
    }
    Ok(())
}

struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) {
        if data == ASK {
            // What was received is in a chunk as long as this runs.
            let transport = transport.clone();
            polyloop::call_soon(move || transport.write(&[chunks_lent()]));
        } else {
            transport.write(data);
        }
    }
}

/// Lets this process, and those that it starts, hold as many descriptors as the system allows.
///
/// # Panics
///
/// If those are too few: both ends of the connections are in processes of their own, each with one
/// descriptor for each.
fn raise_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let enough = maximum.is_none_or(|maximum| maximum > IDLE as u64 + 200);
    assert!(enough, "{maximum:?} descriptors are too few: ulimit -H -n shows the limit");
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("up to the limit");
}

/// Connects so often, has each connection echo once, and keeps them all.
fn connect_all(address: SocketAddr) -> Vec<TcpStream> {
    let connect = |_| {
        let mut stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a timeout");
        stream.write_all(b"x").expect("the server reads");
        stream.read_exact(&mut [0]).expect("the server answers");
        stream
    };
    (0..IDLE).map(connect).collect()
}

/// Says what it is, and fails if it is more than it may be.
fn check(each: u64, role: &str, backend: &Backend) {
    println!("{backend}, {role}: {each} bytes for each of {IDLE} idle connections");
    let of_role = MOST.iter().find(|(name, ..)| *name == role);
    let (_, readiness, ring) = of_role.expect("each role has a bound");
    let most = if matches!(backend, Backend::IoUring) { ring } else { readiness };
    assert!(each <= *most, "{backend}, {role}: {each} bytes for each idle connection, not {most}");
}

/// What an idle connection to this server takes of the memory of its process.
fn bytes_of_each(id: u32, address: SocketAddr) -> (u64, Vec<TcpStream>) {
    row(address, FIRST_FEW);
    let before = memory(id);
    let idle = connect_all(address);
    (memory(id).saturating_sub(before) / IDLE as u64, idle)
}

#[test]
fn ten_thousand_idle_connections_hold_no_buffers() {
    raise_limit();
    for backend in available_backends() {
        let server = Server::start(&backend);
        let (each, idle) = bytes_of_each(server.id(), server.address());
        check(each, "plain streams", &backend);
        drop(idle);
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}

#[test]
fn ten_thousand_idle_readers_and_protocols_hold_no_buffers() {
    raise_limit();
    for role in ["streams", "transports"] {
        for backend in available_backends() {
            let server = OwnServer::start(role, &backend);
            let (each, mut idle) = bytes_of_each(server.child.id(), server.address);
            check(each, role, &backend);
            // The ring lets a chunk go when the kernel says that it has taken the answer.
            let expires = std::time::Instant::now() + PATIENCE;
            let lent = loop {
                let mut lent = [0];
                idle[IDLE / 2].write_all(ASK).expect("the server reads");
                idle[IDLE / 2].read_exact(&mut lent).expect("the server answers");
                if lent == [0] || std::time::Instant::now() > expires {
                    break lent[0];
                }
                std::thread::sleep(Duration::from_millis(1));
            };
            assert_eq!(lent, 0, "{backend}, {role}: chunks are lent to who waits");
        }
    }
}
