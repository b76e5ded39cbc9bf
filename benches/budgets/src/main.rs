//! The hot paths, section by section, for callgrind: `cargo run -p xtask -- budgets` runs this under
//! valgrind and compares what it counts with `benches/budgets/budgets.tsv`.
//!
//! `polyloop-budgets [PART]...` does the works whose name has one of the parts in it, on each backend
//! that can be built here.

#![forbid(unsafe_code)]

#[cfg(unix)]
mod section;
#[cfg(unix)]
mod still_loop;
#[cfg(unix)]
mod works;

#[cfg(unix)]
fn main() {
    let parts: Vec<String> = std::env::args().skip(1).collect();
    works::run(&parts);
}

#[cfg(not(unix))]
fn main() {
    eprintln!("instructions are counted where there are Unix sockets and valgrind");
    std::process::exit(2);
}
