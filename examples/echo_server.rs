//! Teaches: a server with one task per connection, that runs on any backend and ends cleanly.
//!
//!     cargo run --release --example echo_server -- --listen 127.0.0.1:7007 --backend mio
//!     cargo run --release --example echo_server -- --loops 2
//!     cargo run --release --example echo_server -- --unix /tmp/echo.socket
//!     socat - TCP:127.0.0.1:7007
//!
//! It says where it listens when it is ready (port 0 lets the system choose), sends back what it
//! gets, and goes on until Ctrl-C. A peer that disappears ends its own task and nothing else. With
//! `--loops` several loops, each on a thread of its own, share the address, and in the end it tells what each has done. The example
//! `tls_echo` does the same over TLS.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use polyloop::{Backend, Result, TcpStream};
use polyloop_examples::{Arguments, exit, run_server, serve_on_loops};

const USAGE: &str =
    "echo_server [--listen ADDR | --unix PATH] [--loops N] [--backend auto|mio|io-uring|polling]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7007)));
    let path: Option<PathBuf> = arguments.value("--unix")?;
    let loops: usize = arguments.value("--loops")?.unwrap_or(1);
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    arguments.finish(USAGE)?;

    match path {
        None => serve_on_loops(loops, backend, listen, || echo),
        Some(path) if loops == 1 => run_server(backend, serve_unix(path)),
        Some(path) => serve_unix_on_loops(loops, backend, path),
    }
}

/// The same at a path. The traits of futures-io let a function take streams of any kind.
#[cfg(unix)]
async fn serve_unix(path: PathBuf) -> Result<()> {
    use polyloop_examples::announce;

    let listener = polyloop::UnixListener::bind(&path).await?;
    announce(path.display(), polyloop::backend_info().name())?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        polyloop::create_task(async move {
            let (mut reader, mut writer) = stream.split();
            if let Err(error) = polyloop::io::copy(&mut reader, &mut writer).await {
                eprintln!("{error}");
            }
        });
    }
}

/// The same on several loops, to which one of them hands the connections in turn.
#[cfg(unix)]
fn serve_unix_on_loops(loops: usize, backend: Backend, path: PathBuf) -> Result<()> {
    use polyloop::{Error, UnixStream};
    use polyloop_examples::{announce, run_group};

    run_group(loops, backend, |group| {
        let server = group.server().start_unix(&path, |_| {
            |mut stream: UnixStream| async move {
                let (mut reader, mut writer) = stream.split();
                polyloop::io::copy(&mut reader, &mut writer).await?;
                Ok::<(), Error>(())
            }
        })?;
        announce(path.display(), group.backend_info(0)?.name())?;
        Ok(server)
    })
}

#[cfg(not(unix))]
fn serve_unix_on_loops(_: usize, _: Backend, _: PathBuf) -> Result<()> {
    Err(polyloop::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
async fn serve_unix(_: PathBuf) -> Result<()> {
    Err(polyloop::ErrorKind::Unsupported.into())
}

/// Sends back what comes, until the peer has no more to send.
///
/// It reads chunks of the loop's, so a connection that waits holds no buffer.
async fn echo(mut stream: TcpStream) -> Result<()> {
    while let Some(chunk) = stream.read_chunk().await? {
        stream.write_all(&chunk).await?;
    }
    Ok(())
}
