//! Teaches: a server with one task per connection, that runs on any backend and ends cleanly.
//!
//!     cargo run --release --example echo_server -- --listen 127.0.0.1:7007 --backend mio
//!     cargo run --release --example echo_server -- --unix /tmp/echo.socket
//!     socat - TCP:127.0.0.1:7007
//!
//! It says where it listens when it is ready (port 0 lets the system choose), sends back what it
//! gets, and goes on until Ctrl-C. A peer that disappears ends its own task and nothing else. The
//! example `tls_echo` does the same over TLS.
#![forbid(unsafe_code)]

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use polyloop::{Backend, ErrorKind, Result, Runner, TcpListener, TcpStream};
use polyloop_examples::{Arguments, exit};

const USAGE: &str =
    "echo_server [--listen ADDR | --unix PATH] [--backend auto|mio|io-uring|polling]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7007)));
    let path: Option<PathBuf> = arguments.value("--unix")?;
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    arguments.finish(USAGE)?;

    let runner = Runner::builder().backend(backend).build()?;
    let ended = match path {
        Some(path) => runner.run(serve_unix(path)),
        None => runner.run(serve(listen)),
    };
    match ended {
        // Ctrl-C has cancelled the task that accepts; dropping the runner ends the others.
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            println!("stopped");
            Ok(())
        }
        result => result?,
    }
}

/// Accepts connections until the task is cancelled.
async fn serve(listen: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(listen).await?;
    announce(listener.local_addr()?)?;
    loop {
        let (stream, peer) = listener.accept().await?;
        polyloop::create_task(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

/// The same at a path. The traits of futures-io let a function take streams of any kind.
#[cfg(unix)]
async fn serve_unix(path: PathBuf) -> Result<()> {
    let listener = polyloop::UnixListener::bind(&path).await?;
    announce(path.display())?;
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

#[cfg(not(unix))]
async fn serve_unix(_: PathBuf) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}

fn announce(address: impl Display) -> Result<()> {
    println!("listening on {address} (backend {})", polyloop::backend_info().name());
    // Whoever started this program may be reading the line from a pipe.
    Ok(std::io::stdout().flush()?)
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
