//! Teaches: a server with one task per connection, that runs on any backend and ends cleanly.
//!
//!     cargo run --release --example echo_server -- --listen 127.0.0.1:7007 --backend mio
//!
//! It says where it listens when it is ready (port 0 lets the system choose), sends back what it
//! gets, and goes on until Ctrl-C. A peer that disappears ends its own task and nothing else.
#![forbid(unsafe_code)]

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use polyloop::{Backend, ErrorKind, Result, Runner, TcpListener, TcpStream};
use polyloop_examples::{Arguments, exit};

const USAGE: &str = "echo_server [--listen ADDR] [--backend auto|mio|io-uring|polling]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7007)));
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    arguments.finish(USAGE)?;

    let runner = Runner::builder().backend(backend).build()?;
    match runner.run(serve(listen)) {
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
    let backend = polyloop::backend_info();
    println!("listening on {} (backend {})", listener.local_addr()?, backend.name());
    // Whoever started this program may be reading the line from a pipe.
    std::io::stdout().flush()?;
    loop {
        let (stream, peer) = listener.accept().await?;
        polyloop::create_task(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

/// Sends back what comes, until the peer has no more to send.
async fn echo(mut stream: TcpStream) -> Result<()> {
    let mut buf = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(()),
            count => stream.write_all(&buf[..count]).await?,
        }
    }
}
