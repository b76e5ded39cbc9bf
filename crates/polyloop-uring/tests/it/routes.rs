use std::net::Shutdown;

use polyloop_core::{
    Address, Buffer, CloseMode, EventLoop, Exit, FileSpec, Interest, LoopConfig, Op, OpKind,
    OpenSpec, OsHandle, Output, Removal, Route, SyncScope, UdpSpec,
};
use polyloop_uring::{Setup, Step};

use crate::driver::{Driver, on_each_step};

#[test]
fn the_ring_is_of_the_step_asked_for_or_lower() {
    for step in [Step::Deferred, Step::DeferredWithArray, Step::Cooperative, Step::Plain] {
        let driver = Driver::new(&LoopConfig::default(), Setup::at(step));
        assert!(driver.events.setup().step >= step);
    }
}

#[test]
fn stream_ops_go_to_the_ring() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, server) = driver.pair();
        assert_eq!(driver.count("ACCEPT"), 1);
        assert_eq!(driver.count("CONNECT"), 1);
        driver.send(client, b"hello");
        assert_eq!(driver.count("SEND"), 1);
        assert_eq!(driver.recv(server, 64), b"hello");
        assert_eq!(driver.count("RECV"), 1);
        let buffers = vec![Buffer::from(&b"two "[..]), Buffer::from(&b""[..]), b"parts"[..].into()];
        let sent = driver.result(Op::SendVectored { key: server, buffers });
        assert!(matches!(sent, Ok(Output::Transferred(9))), "{sent:?}");
        assert_eq!(driver.count("SENDMSG"), 1);
        assert_eq!(driver.recv(client, 64), b"two parts");
        let poll = driver.result(Op::Poll { key: client, interest: Interest::WRITABLE });
        assert!(matches!(poll, Ok(Output::Ready(Interest::WRITABLE))), "{poll:?}");
        driver.result(Op::Shutdown { key: client, how: Shutdown::Write }).expect("shut down");
        assert_eq!(driver.count("SHUTDOWN"), 1);
        assert_eq!(driver.recv(server, 64), b"");
        driver.close(client);
        driver.close(server);
        let census = driver.events.census();
        assert_eq!((census.resources, census.ops, census.chunks), (0, 0, 0));
    });
}

#[test]
fn datagram_ops_go_to_the_ring() {
    let mut driver = Driver::standard();
    let any = "127.0.0.1:0".parse().expect("an address");
    let one = driver.open(OpenSpec::Udp(UdpSpec::at(any)));
    let two = driver.open(OpenSpec::Udp(UdpSpec::at(any)));
    let (from, to) = (driver.events.local_address(one), driver.events.local_address(two));
    let (from, to): (Address, Address) = (from.expect("bound"), to.expect("bound"));
    let sent = driver.result(Op::SendTo { key: one, buffer: b"ping"[..].into(), address: to });
    assert!(matches!(sent, Ok(Output::Transferred(4))), "{sent:?}");
    let done = driver.run(Op::RecvFrom { key: two, buffer: Buffer::with_capacity(64) });
    match done.result {
        Ok(Output::ReceivedFrom { len: 4, address, .. }) => assert_eq!(address, from),
        other => panic!("{other:?}"),
    }
    assert_eq!((driver.count("SENDMSG"), driver.count("RECVMSG")), (1, 1));
}

#[test]
fn file_ops_go_to_the_ring() {
    let mut driver = Driver::standard();
    let path = std::env::temp_dir().join(format!("polyloop-uring-{}", std::process::id()));
    let key = driver.open(OpenSpec::File(FileSpec::create(&path)));
    assert_eq!(driver.count("OPENAT"), 1);
    let written = driver.result(Op::WriteAt { key, buffer: b"content"[..].into(), offset: 3 });
    assert!(matches!(written, Ok(Output::Transferred(7))), "{written:?}");
    driver.result(Op::Sync { key, scope: SyncScope::Data }).expect("synced");
    let done = driver.run(Op::ReadAt { key, buffer: Buffer::with_capacity(64), offset: 5 });
    assert!(matches!(done.result, Ok(Output::Transferred(5))), "{done:?}");
    assert_eq!((driver.count("WRITE"), driver.count("FSYNC"), driver.count("READ")), (1, 1, 1));
    driver.close(key);
    std::fs::remove_file(&path).expect("removed");
    let missing = driver.result(Op::Open { spec: Box::new(OpenSpec::File(FileSpec::read(&path))) });
    let error = missing.expect_err("gone");
    assert!(error.to_string().contains("polyloop-uring-"), "{error}");
}

#[test]
fn what_is_done_with_files_and_paths_goes_to_the_ring() {
    let mut driver = Driver::standard();
    let name = format!("polyloop-uring-paths-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    driver.result(Op::MakeDirectory { path: directory.clone(), mode: 0o700 }).expect("made");
    let path = |name: &str| directory.join(name);
    let mut spec = FileSpec::create(path("one"));
    spec.mode = Some(0o640);
    let key = driver.open(OpenSpec::File(spec));
    let buffers = vec![b"two "[..].into(), b"parts"[..].into()];
    let written = driver.result(Op::WriteVectoredAt { key, buffers, offset: 0 });
    assert!(matches!(written, Ok(Output::Transferred(9))), "{written:?}");
    let buffers = vec![Buffer::with_capacity(4), Buffer::with_capacity(10)];
    let done = driver.run(Op::ReadVectoredAt { key, buffers, offset: 0 });
    assert!(matches!(done.result, Ok(Output::Transferred(9))), "{done:?}");
    driver.result(Op::Truncate { key, len: 3 }).expect("cut");
    let told = match driver.result(Op::Stat { key }) {
        Ok(Output::Metadata(told)) => told,
        other => panic!("{other:?}"),
    };
    // All that the standard library tells of it by other calls.
    use std::os::unix::fs::MetadataExt;
    let same = std::fs::metadata(path("one")).expect("there");
    assert_eq!((told.len, told.mode, told.links), (3, same.mode() & 0o7777, same.nlink()));
    assert_eq!((told.uid, told.gid), (same.uid(), same.gid()));
    assert_eq!((told.device, told.inode), (same.dev(), same.ino()));
    assert_eq!((told.modified, told.accessed), (same.modified().ok(), same.accessed().ok()));
    assert_eq!(told.created, same.created().ok());
    driver.close(key);
    driver.result(Op::Link { original: path("one"), link: path("two") }).expect("linked");
    driver.result(Op::Symlink { target: "two".into(), link: path("three") }).expect("linked");
    driver.result(Op::StatPath { path: path("three"), follow: true }).expect("told");
    driver.result(Op::Rename { from: path("two"), to: path("four") }).expect("renamed");
    for name in ["one", "three", "four"] {
        driver.result(Op::Remove { path: path(name), what: Removal::File }).expect("removed");
    }
    let what = Removal::EmptyDirectory;
    driver.result(Op::Remove { path: directory.clone(), what }).expect("removed");
    let counted = [
        ("MKDIRAT", 1),
        ("OPENAT", 1),
        ("WRITEV", 1),
        ("READV", 1),
        ("FTRUNCATE", 1),
        ("STATX", 2),
        ("LINKAT", 1),
        ("SYMLINKAT", 1),
        ("RENAMEAT", 1),
        ("UNLINKAT", 4),
    ];
    for (name, count) in counted {
        assert_eq!(driver.count(name), count, "{name}");
    }
}

#[test]
fn a_file_is_sent_by_reads_and_sends_of_the_ring() {
    let mut driver = Driver::standard();
    let path = std::env::temp_dir().join(format!("polyloop-uring-send-{}", std::process::id()));
    std::fs::write(&path, vec![5u8; 600_000]).expect("written");
    let file = driver.open(OpenSpec::File(FileSpec::read(&path)));
    std::fs::remove_file(&path).expect("removed");
    let (client, server) = driver.pair();
    let (sent, _) = driver.submit(Op::SendFile { key: client, file, offset: 0, len: 1 << 20 });
    let mut received = 0;
    while received < 600_000 {
        let bytes = driver.recv(server, 100_000);
        assert!(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 5));
        received += bytes.len();
    }
    let sent = driver.wait(sent).result;
    assert!(matches!(sent, Ok(Output::Transferred(600_000))), "{sent:?}");
    // Three pieces of 256 KiB at most, and the read that finds the end.
    assert_eq!(driver.count("READ"), 4);
    assert!(driver.count("SEND") >= 3);
}

#[test]
fn pipes_read_and_write_through_the_ring() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (read, write) = driver.pipe();
        let big = vec![7u8; 300_000];
        let (sent, _) = driver.submit(Op::Send { key: write, buffer: big.clone().into() });
        let (closed, _) = driver.submit(Op::Close { key: write, mode: CloseMode::Flush });
        let mut received = Vec::new();
        loop {
            let bytes = driver.recv(read, 50_000);
            if bytes.is_empty() {
                break;
            }
            received.extend(bytes);
        }
        assert!(matches!(driver.wait(sent).result, Ok(Output::Transferred(300_000))));
        driver.wait(closed).result.expect("closed");
        assert!(received == big);
        assert!(driver.count("WRITE") > 0 && driver.count("READ") > 0);
    });
}

#[test]
fn an_accept_and_a_poll_that_go_on_are_one_entry_each() {
    let mut driver = Driver::standard();
    let (listener, address) = driver.listener();
    let (accept, id) = driver.submit(Op::AcceptMulti { key: listener });
    let clients: Vec<_> =
        (0..5).map(|_| std::net::TcpStream::connect(address).expect("connected")).collect();
    for _ in &clients {
        let taken = driver.wait(accept);
        assert!(taken.is_more() && matches!(taken.result, Ok(Output::Accepted(_))), "{taken:?}");
    }
    assert_eq!(driver.count("ACCEPT"), 1);
    driver.events.cancel(id.expect("queued"));
    assert!(driver.wait(accept).result.expect_err("cancelled").is_canceled());
    let (read, write) = driver.pipe();
    let before = driver.count("POLL_ADD");
    let (poll, _) = driver.submit(Op::PollMulti { key: read, interest: Interest::READABLE });
    for round in 0..3 {
        driver.send(write, b"x");
        assert!(driver.wait(poll).is_more(), "round {round}");
        assert_eq!(driver.recv(read, 8), b"x");
    }
    assert_eq!(driver.count("POLL_ADD") - before, 1);
}

#[test]
fn what_is_refused_goes_another_way_and_is_remembered() {
    let mut setup = Setup::default();
    setup.multishot = false;
    setup.buffer_ring = false;
    let mut driver = Driver::new(&LoopConfig::default(), setup);
    let route = |driver: &Driver, kind| driver.events.capabilities().route(kind);
    assert_eq!(route(&driver, OpKind::AcceptMulti), Route::Emulated);
    assert_eq!(route(&driver, OpKind::RecvMulti), Route::Emulated);
    let (listener, address) = driver.listener();
    let (accept, _) = driver.submit(Op::AcceptMulti { key: listener });
    for _ in 0..3 {
        let _client = std::net::TcpStream::connect(address).expect("connected");
        assert!(driver.wait(accept).is_more());
    }
    assert!(driver.count("ACCEPT") >= 3);
}

#[test]
fn a_wait_for_an_exit_goes_to_the_ring_or_polls() {
    for asks in [true, false] {
        let mut setup = Setup::default();
        setup.await_exit = asks;
        let mut driver = Driver::new(&LoopConfig::default(), setup);
        let native = driver.events.capabilities().route(OpKind::AwaitExit) == Route::Native;
        assert!(asks || !native, "what is not asked for is not native");
        let polls = driver.count("POLL_ADD");
        let child = std::process::Command::new("/bin/sh").args(["-c", "exit 5"]).spawn();
        let pid = rustix::process::Pid::from_child(&child.expect("a shell"));
        let flags = rustix::process::PidfdFlags::empty();
        let descriptor = rustix::process::pidfd_open(pid, flags).expect("a pidfd");
        let key = driver.events.attach(OsHandle::Descriptor(descriptor.into())).expect("attached");
        let exit = driver.result(Op::AwaitExit { key });
        assert!(matches!(exit, Ok(Output::Exited(Exit::Code(5)))), "{exit:?}");
        assert_eq!(driver.count("WAITID") > 0, native);
        assert_eq!(driver.count("POLL_ADD") > polls, !native);
    }
}
