//! Teaches: a server with state that its connections share without locks, a timer for each key
//! that expires, and messages from one connection to others.
//!
//!     cargo run --release --example mini_redis -- --listen 127.0.0.1:6379 --backend io-uring
//!     redis-cli -p 6379 SET greeting hello
//!     redis-benchmark -p 6379 -t ping,set,get,incr,lpush,lrange -P 16
//!
//! It speaks RESP2 and knows DEL, ECHO, EXISTS, EXPIRE, GET, INCR, LLEN, LPUSH, LRANGE, MGET, MSET, PING,
//! PUBLISH, QUIT, RPUSH, SET (with EX, PX, NX, XX), SUBSCRIBE, TTL and UNSUBSCRIBE. Requests may
//! be pipelined: what arrives together is answered with one write. What is stored lasts as long
//! as the process, on one loop: what several shared would need locks, or a loop for each part of the keys.
#![forbid(unsafe_code)]

mod channels;
mod client;
mod command;
mod reply;
mod request;
mod store;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;

use polyloop::{Backend, Result};
use polyloop_examples::{Arguments, exit, run_server, serve_each};

use client::Client;
use command::Database;

const USAGE: &str = "mini_redis [--listen ADDR] [--backend auto|mio|io-uring|polling]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 6379)));
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    arguments.finish(USAGE)?;

    // One loop is one thread, so connections share what is stored by reference.
    let database = Rc::new(Database::default());
    run_server(
        backend,
        serve_each(listen, move |stream| Client::new(database.clone(), stream).serve()),
    )
}
