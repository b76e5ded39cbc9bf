//! Out of descriptors: accepting pauses, and goes on when there are some.
//!
//! The limit is the process's, so the test runs in a process of its own: the test binary starts
//! itself again.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use polyloop_core::{
    Batch, EventLoop, ListenSpec, LoopConfig, LoopFactory, Op, OpenSpec, Output, Submission, Time,
    Token, limits,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const IN_CHILD: &str = "POLYLOOP_MIO_TEST_EXHAUSTION";

#[test]
fn accepting_pauses_while_descriptors_are_out_and_loses_no_connection() {
    if std::env::var_os(IN_CHILD).is_some() {
        run_out_and_recover();
        return;
    }
    let test = "exhaustion::accepting_pauses_while_descriptors_are_out_and_loses_no_connection";
    let output = Command::new(std::env::current_exe().expect("the test binary has a path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(IN_CHILD, "1")
        .output()
        .expect("the test binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn run_out_and_recover() {
    let mut events = polyloop_mio::factory().build(&LoopConfig::default()).expect("a loop");
    let spec = OpenSpec::TcpListener(ListenSpec::at(SocketAddr::from(([127, 0, 0, 1], 0))));
    let Submission::Done(opened) = events.submit(Op::Open { spec: Box::new(spec) }, Token(0))
    else {
        panic!("a listener opens at once")
    };
    let Ok(Output::Opened(key)) = opened.result else { panic!("{:?}", opened.result) };
    let address = events.local_address(key).expect("bound").as_ip().expect("internet");
    let Submission::Queued(_) = events.submit(Op::AcceptMulti { key }, Token(1)) else {
        panic!("a multishot accept waits")
    };
    let _peer = TcpStream::connect(address).expect("the backlog takes it");
    // No further descriptor: the limit is the lowest number that is free.
    let lowest = std::fs::File::open("/dev/null").expect("one is left");
    let limit = getrlimit(Resource::Nofile);
    let number = std::os::fd::AsRawFd::as_raw_fd(&lowest) as u64;
    drop(lowest);
    setrlimit(Resource::Nofile, Rlimit { current: Some(number), ..limit }).expect("lowered");
    let (begun, mut turns) = (events.now(), 0);
    let mut batch = Batch::new();
    while events.now() < begun + limits::ACCEPT_BACKOFF * 4 {
        let deadline = begun + limits::ACCEPT_BACKOFF * 4;
        events.turn(deadline, &mut batch);
        turns += 1;
        assert!(batch.is_empty(), "{:?}", batch.drain().next());
    }
    assert!(turns < 12, "it spins: {turns} turns in four pauses");
    setrlimit(Resource::Nofile, limit).expect("raised again");
    while batch.is_empty() {
        events.turn(Time::NEVER, &mut batch);
    }
    let accepted = batch.drain().next().expect("one completion");
    assert!(matches!(accepted.result, Ok(Output::Accepted(_))), "{accepted:?}");
    assert!(accepted.is_more());
}
