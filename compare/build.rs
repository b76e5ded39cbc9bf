//! Compiles the bare loops in C.

fn main() {
    tell_of_increments();
    let sources = ["epoll", "ring", "uring_streams", "uring_rest", "uv"];
    let mut build = cc::Build::new();
    for source in sources {
        println!("cargo:rerun-if-changed=c/{source}.c");
        build.file(format!("c/{source}.c"));
    }
    for header in ["loops", "ring"] {
        println!("cargo:rerun-if-changed=c/{header}.h");
    }
    // As a program in C would be compiled for use, whatever this one is compiled as.
    build.opt_level(2).warnings(true).compile("loops");
}

/// Tells the program whether it is compiled in increments, which inline less.
fn tell_of_increments() {
    println!("cargo:rerun-if-env-changed=CARGO_INCREMENTAL");
    let incremental = std::env::var("CARGO_INCREMENTAL").is_ok_and(|value| value == "1");
    println!("cargo:rustc-env=POLYLOOP_COMPARE_INCREMENTAL={incremental}");
}
