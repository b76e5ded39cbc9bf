//! Teaches: how to bring an event loop of your own, and run any polyloop program on it.
//!
//!     cargo run --release --example custom_backend -- --self-test
//!
//! `poll_loop` is a loop over poll(2) that knows polyloop's contract and none of its backends. This
//! file hands it to the frontend as `Backend::Custom`, and everything works as before: tasks,
//! timers, sockets. `tests/it/custom_backend.rs` runs the conformance suite on it, which is how to
//! learn whether a loop of one's own keeps the contract.
#![forbid(unsafe_code)]

#[cfg(unix)]
mod poll_loop;
#[cfg(unix)]
mod program;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    polyloop_examples::exit(program::run())
}

#[cfg(not(unix))]
fn main() {
    eprintln!("this example's loop waits with poll(2), which this system does not have");
}
