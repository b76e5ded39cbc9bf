//! Teaches: a server whose connections stay open and carry requests in a row, several at once
//! if the client likes.
//!
//!     cargo run --release --example http_hello -- --listen 127.0.0.1:8080 --backend io-uring
//!     curl -v http://127.0.0.1:8080/
//!     wrk -c 64 -t 1 http://127.0.0.1:8080/
//!
//! It answers every path with a greeting. HTTP/1.1 and 1.0, GET and HEAD; a body that comes with a
//! request is read and thrown away.
#![forbid(unsafe_code)]

mod connection;
mod date;
mod request;
mod response;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;

use polyloop::{Backend, Result};
use polyloop_examples::{Arguments, exit, run_server, serve_each};

use date::Clock;

const USAGE: &str = "http_hello [--listen ADDR] [--backend auto|mio|io-uring|polling]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    arguments.finish(USAGE)?;

    let clock = Rc::new(Clock::default());
    run_server(backend, serve_each(listen, move |stream| connection::serve(stream, clock.clone())))
}
