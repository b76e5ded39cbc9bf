//! Teaches: how polyloop runs as a guest in somebody else's loop.
//!
//!     cargo run --release --example guest [-- --backend mio] [--self-test]
//!
//! The thread belongs to a plain loop over poll(2), as it would to a window toolkit or a game.
//! `host` is that loop, and shows the three calls that a host makes: `descriptor` once, then
//! `prepare` before each wait and `turn` after it. `story` is what polyloop does meanwhile, which
//! is written as if it owned the thread. `program` runs both on each backend, and counts: a guest
//! must lose nothing, and must not keep the host busy.
#![forbid(unsafe_code)]

#[cfg(unix)]
mod host;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod story;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    polyloop_examples::exit(program::run())
}

#[cfg(not(unix))]
fn main() {
    eprintln!("this example's host waits with poll(2), which this system does not have");
}
