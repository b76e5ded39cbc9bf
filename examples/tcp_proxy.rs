//! Teaches: two connections joined into one, each direction ending on its own.
//!
//!     cargo run --release --example tcp_proxy -- --listen 127.0.0.1:6543 --connect 127.0.0.1:5432
//!     psql -h 127.0.0.1 -p 6543
//!
//! Everything that a client sends goes to the server behind it and back, whatever the protocol.
//! When one side has no more to send the other is told so, and may go on answering.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::process::ExitCode;

use polyloop::{
    Backend, Error, ErrorKind, ExceptionGroup, OwnedReadHalf, OwnedWriteHalf, Result, TaskGroup,
    TcpStream,
};
use polyloop_examples::{Arguments, exit, run_server, serve_each};

const USAGE: &str =
    "tcp_proxy --connect ADDR [--listen ADDR] [--backend auto|mio|io-uring|polling]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 6543)));
    let behind: SocketAddr = arguments.value("--connect")?.ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput)
            .attempting(format_args!("find out where to connect to (usage: {USAGE})"))
    })?;
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    arguments.finish(USAGE)?;

    run_server(backend, serve_each(listen, move |client| join(client, behind)))
}

/// Connects to the server and forwards both ways until both have ended.
async fn join(client: TcpStream, behind: SocketAddr) -> Result<()> {
    let server = TcpStream::connect(behind).await?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // If one direction fails the other is cancelled, and both connections go with them.
    let both = TaskGroup::run(async move |group| {
        group.create_task(forward(from_server, to_client));
        forward(from_client, to_server).await
    });
    both.await.map_err(ExceptionGroup::into_first)
}

/// Sends on what comes; the end too.
async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> Result<()> {
    while let Some(chunk) = from.read_chunk().await? {
        to.write_all(&chunk).await?;
    }
    to.shutdown().await
}
