//! Teaches: child processes connected by pipes, as a shell does it.
//!
//!     cargo run --release --example pipeline -- seq 100000 '|' grep 7 '|' wc -l
//!     cargo run --release --example pipeline -- --backend mio yes '|' head -n 3
//!     cargo run --release --example pipeline -- --self-test
//!
//! All stages run at once; the exit status is the last one's. Ctrl-C ends them.
#![forbid(unsafe_code)]

#[cfg(unix)]
mod program;
#[cfg(unix)]
mod stages;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    program::main()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("no loop can wait for the pipes of child processes on this system");
}
