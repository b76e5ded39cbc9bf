//! Compiles the bare loops in C.

fn main() {
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
