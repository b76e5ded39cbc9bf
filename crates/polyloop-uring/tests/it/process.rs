//! Tests that need a process of their own: they lower its limits, fork it, or take its ring away.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::RawFd;
use std::time::Duration;

use polyloop_core::{Buffer, ErrorKind, EventLoop, Interest, LoopConfig, Op, Output};
use polyloop_uring::Setup;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::driver::Driver;

/// Says to a child process which test it is to run.
const ALONE: &str = "POLYLOOP_URING_ALONE";

/// Runs the test of that name again in a process of its own; tells whether this is that process.
fn is_alone(name: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let program = std::env::current_exe().expect("a program");
    let output = std::process::Command::new(program)
        .args(["--exact", &format!("process::{name}"), "--nocapture", "--test-threads", "1"])
        .env(ALONE, "1")
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

#[test]
fn accepting_pauses_while_descriptors_are_out() {
    if !is_alone("accepting_pauses_while_descriptors_are_out") {
        return;
    }
    let mut driver = Driver::standard();
    let (listener, address) = driver.listener();
    let _clients: Vec<_> =
        (0..3).map(|_| TcpStream::connect(address).expect("connected")).collect();
    // The lowest free descriptor is above this limit, so the kernel has none to give. It notes
    // the limit when it takes the accept on.
    let old = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(3), maximum: old.maximum }).expect("set");
    let (accept, _) = driver.submit(Op::AcceptMulti { key: listener });
    let enters = driver.events.submitted().enters();
    let end = driver.events.now() + Duration::from_millis(500);
    while driver.events.now() < end {
        driver.turn(Duration::from_millis(500));
    }
    let enters = driver.events.submitted().enters() - enters;
    assert!(enters < 50, "{enters} enters in half a second");
    assert!(driver.kept.is_empty(), "{:?}", driver.kept);
    assert!(!driver.events.next_deadline().is_never());
    setrlimit(Resource::Nofile, old).expect("set");
    for _ in 0..3 {
        assert!(driver.wait(accept).is_more());
    }
}

#[test]
fn a_forked_child_harms_nothing() {
    if !is_alone("a_forked_child_harms_nothing") {
        return;
    }
    for step in [polyloop_uring::Step::Deferred, polyloop_uring::Step::Plain] {
        let mut driver =
            Driver::new(&polyloop_core::LoopConfig::default(), polyloop_uring::Setup::at(step));
        let (listener, address) = driver.listener();
        let mut client = TcpStream::connect(address).expect("connected");
        let Ok(Output::Accepted(server)) = driver.result(Op::Accept { key: listener }) else {
            panic!("not accepted")
        };
        let (recv, _) = driver.submit(Op::Recv { key: server, buffer: Buffer::with_capacity(64) });
        driver.turn(Duration::ZERO);
        // SAFETY: the test runs alone, so no other thread holds a lock that the child needs.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let error = driver.events.try_recv(server, &mut [0; 8]).map_err(|error| error.kind());
            driver.turn(Duration::ZERO);
            let harmless = error == Err(ErrorKind::LoopClosed) && driver.kept.is_empty();
            drop(driver);
            // SAFETY: ends the child without running what the parent registered.
            unsafe { libc::_exit(if harmless { 0 } else { 1 }) };
        }
        client.write_all(b"for the parent").expect("written");
        let mut status = 0;
        // SAFETY: the pointer is to a local that outlives the call.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(status, 0, "what the child saw");
        assert!(matches!(driver.wait(recv).result, Ok(Output::Transferred(14))));
        driver.send(server, b"back");
        let mut back = [0; 4];
        client.read_exact(&mut back).expect("read");
        assert_eq!(&back, b"back");
    }
}

/// Finds the descriptor of the only ring of this process.
fn ring_descriptor() -> RawFd {
    let entries = std::fs::read_dir("/proc/self/fd").expect("listed");
    let is_ring = |entry: &std::fs::DirEntry| {
        std::fs::read_link(entry.path())
            .is_ok_and(|link| link.to_string_lossy().contains("io_uring"))
    };
    let ring = entries.flatten().find(is_ring).expect("a ring");
    ring.file_name().to_string_lossy().parse().expect("a number")
}

#[test]
fn a_ring_that_is_taken_away_ends_every_op_with_an_error() {
    if !is_alone("a_ring_that_is_taken_away_ends_every_op_with_an_error") {
        return;
    }
    let mut setup = Setup::default();
    setup.registered_ring = false;
    let mut driver = Driver::new(&LoopConfig::default(), setup);
    let (read, write) = driver.pipe();
    let (recv, _) = driver.submit(Op::Recv { key: read, buffer: Buffer::with_capacity(64) });
    let (behind, _) = driver.submit(Op::Recv { key: read, buffer: Buffer::with_capacity(64) });
    let (watch, _) = driver.submit(Op::PollMulti { key: read, interest: Interest::READABLE });
    driver.turn(Duration::ZERO);
    let null = std::fs::File::open("/dev/null").expect("opened");
    // SAFETY: replacing the ring's descriptor is what the test is about; both are open.
    unsafe { libc::dup2(std::os::fd::AsRawFd::as_raw_fd(&null), ring_descriptor()) };
    let (poll, _) = driver.submit(Op::Poll { key: write, interest: Interest::WRITABLE });
    let mut ended = |token| {
        let done = driver.wait(token);
        (done.result.expect_err("no ring").raw_os_error().expect("a number"), done.op)
    };
    let (errno, op) = ended(recv);
    let without =
        matches!(op, Some(Op::Recv { key, buffer }) if key == read && buffer.capacity() == 0);
    assert!(without, "the kernel may still write to the buffer");
    let (_, op) = ended(behind);
    assert!(matches!(op, Some(Op::Recv { buffer, .. }) if buffer.capacity() == 64));
    let (_, op) = ended(watch);
    assert!(matches!(op, Some(Op::PollMulti { interest: Interest::READABLE, .. })), "{op:?}");
    assert_eq!(ended(poll).0, errno);
    assert_eq!(driver.events.census().ops, 0);
    // What comes later ends so too, and turns do not spin.
    let later = driver.result(Op::Open { spec: Box::new(polyloop_core::OpenSpec::Pipe) });
    assert_eq!(later.expect_err("no ring").raw_os_error(), Some(errno));
    let tried = driver.events.try_recv(read, &mut [0; 8]);
    assert_eq!(tried.expect_err("no ring").raw_os_error(), Some(errno));
    let begun = std::time::Instant::now();
    driver.events.turn(polyloop_core::Time::NEVER, &mut polyloop_core::Batch::new());
    assert!(begun.elapsed() >= Duration::from_millis(10), "it spins");
    driver.events.waker().wake();
    assert!(driver.turn(Duration::from_secs(5)).woken);
    driver.events.close(Duration::ZERO);
    let error = driver.result(Op::Poll { key: write, interest: Interest::WRITABLE });
    assert_eq!(error.expect_err("closed").kind(), ErrorKind::LoopClosed);
}

#[test]
fn a_registered_ring_is_entered_without_its_descriptor() {
    if !is_alone("a_registered_ring_is_entered_without_its_descriptor") {
        return;
    }
    let mut driver = Driver::standard();
    if !driver.events.setup().registered_ring {
        return eprintln!("skipped: this kernel registers no rings");
    }
    let null = std::fs::File::open("/dev/null").expect("opened");
    // SAFETY: replacing the ring's descriptor is what the test is about; both are open.
    unsafe { libc::dup2(std::os::fd::AsRawFd::as_raw_fd(&null), ring_descriptor()) };
    let (read, write) = driver.pipe();
    driver.send(write, b"through");
    assert_eq!(driver.recv(read, 64), b"through");
}

#[test]
fn writing_to_a_pipe_without_readers_is_an_error_and_no_signal() {
    if !is_alone("writing_to_a_pipe_without_readers_is_an_error_and_no_signal") {
        return;
    }
    let mut driver = Driver::standard();
    let knows_flag = {
        let (_reader, writer) = std::io::pipe().expect("a pipe");
        let flags = rustix::io::ReadWriteFlags::from_bits_retain(0x100);
        let bufs = [std::io::IoSlice::new(b"x")];
        rustix::io::pwritev2(&writer, &bufs, u64::MAX, flags).is_ok()
    };
    if knows_flag {
        // SAFETY: resets the signal as a host that is not Rust would have it; no handler is run.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    }
    let (read, write) = driver.pipe();
    driver.close(read);
    let sent = driver.result(Op::Send { key: write, buffer: b"x"[..].into() });
    assert_eq!(sent.expect_err("no reader").raw_os_error(), Some(libc::EPIPE));
    let buffers = vec![b"x"[..].into(), b"y"[..].into()];
    let sent = driver.result(Op::SendVectored { key: write, buffers });
    assert_eq!(sent.expect_err("no reader").raw_os_error(), Some(libc::EPIPE));
    let tried = driver.events.try_send(write, &[std::io::IoSlice::new(b"x")]);
    assert_eq!(tried.expect_err("no reader").raw_os_error(), Some(libc::EPIPE));
}
