use std::time::Duration;

use polyloop_core::{Buffer, CloseMode, ErrorKind, EventLoop, LoopConfig, Op};

use crate::driver::{Driver, on_each_step};

#[test]
fn closing_ends_what_can_be_ended_and_leaks_nothing() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (read, _write) = driver.pipe();
        let (_client, server) = driver.pair();
        for _ in 0..10 {
            driver.submit(Op::Recv { key: read, buffer: Buffer::with_capacity(1000) });
        }
        driver.submit(Op::RecvMulti { key: server });
        driver.turn(Duration::ZERO);
        let closed = driver.events.close(Duration::from_secs(5));
        assert_eq!((closed.reaped, closed.leaked), (11, 0));
        assert_eq!(driver.events.close(Duration::ZERO).reaped, 0);
        let error = driver.result(Op::RecvMulti { key: server }).expect_err("closed");
        assert_eq!(error.kind(), ErrorKind::LoopClosed);
    });
}

#[test]
fn dropping_without_grace_leaks_or_reaps_but_never_frees_under_the_kernel() {
    for _ in 0..50 {
        on_each_step(&LoopConfig::default(), |mut driver| {
            let (read, write) = driver.pipe();
            let (client, server) = driver.pair();
            driver.submit(Op::Recv { key: read, buffer: Buffer::with_capacity(4096) });
            driver.submit(Op::RecvMulti { key: server });
            driver.submit(Op::Send { key: client, buffer: vec![1; 100_000].into() });
            driver.submit(Op::Send { key: write, buffer: vec![1; 100_000].into() });
            driver.turn(Duration::ZERO);
            driver.events.close(Duration::ZERO);
        });
    }
}

#[test]
fn a_loop_with_ten_thousand_ops_is_dropped_in_time() {
    let mut driver = Driver::standard();
    let (read, _write) = driver.pipe();
    for _ in 0..10_000 {
        driver.submit(Op::Poll { key: read, interest: polyloop_core::Interest::READABLE });
    }
    driver.turn(Duration::ZERO);
    let begin = std::time::Instant::now();
    let closed = driver.events.close(Duration::from_secs(5));
    assert_eq!((closed.reaped, closed.leaked), (10_000, 0));
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}

#[test]
fn rings_are_made_and_dropped_in_a_loop() {
    for _ in 0..200 {
        drop(Driver::standard());
    }
}

#[test]
fn close_comes_last_and_flushes() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, server) = driver.pair();
        let big = vec![3u8; 3 << 20];
        let (recv, _) = driver.submit(Op::Recv { key: client, buffer: Buffer::with_capacity(8) });
        let (first, _) = driver.submit(Op::Send { key: client, buffer: big.clone().into() });
        let (second, _) = driver.submit(Op::Send { key: client, buffer: b"tail"[..].into() });
        let (closed, _) = driver.submit(Op::Close { key: client, mode: CloseMode::Flush });
        let stale = driver.result(Op::RecvMulti { key: client }).expect_err("stale");
        assert_eq!(stale.kind(), ErrorKind::StaleKey);
        assert!(driver.wait(recv).result.expect_err("cancelled").is_canceled());
        let mut total = 0;
        loop {
            let len = driver.recv(server, 100_000).len();
            if len == 0 {
                break;
            }
            total += len;
        }
        assert_eq!(total, big.len() + 4);
        driver.turn(Duration::ZERO);
        let order: Vec<_> = driver.kept.iter().map(|completion| completion.token).collect();
        assert_eq!(order, [first, second, closed]);
    });
}

#[test]
fn aborting_cancels_a_send_that_cannot_go_on() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, _server) = driver.pair();
        let (sent, _) = driver.submit(Op::Send { key: client, buffer: vec![0; 64 << 20].into() });
        let (tail, _) = driver.submit(Op::Send { key: client, buffer: vec![0; 10].into() });
        driver.turn(Duration::from_millis(20));
        let (closed, _) = driver.submit(Op::Close { key: client, mode: CloseMode::Abort });
        driver.wait(closed).result.expect("closed");
        let error = driver.wait(sent).result.expect_err("aborted");
        assert!(error.is_canceled() && error.transferred() > 0, "{error:?}");
        assert!(driver.wait(tail).result.expect_err("aborted").is_canceled());
    });
}

#[test]
fn disk_reads_under_way_are_reaped_or_leaked() {
    use std::os::unix::fs::OpenOptionsExt;

    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = directory.join(format!("direct-{}", std::process::id()));
    std::fs::write(&path, vec![5u8; 8 << 20]).expect("written");
    for round in 0..30 {
        let mut options = std::fs::OpenOptions::new();
        // Where the file system has no O_DIRECT, reads of the page cache have to do.
        let direct = options.read(true).custom_flags(libc::O_DIRECT).open(&path);
        let file = direct.or_else(|_| std::fs::File::open(&path)).expect("opened");
        let mut driver = Driver::standard();
        let key = driver.events.attach(polyloop_core::OsHandle::File(file)).expect("attached");
        for index in 0..32 {
            let buffer = Buffer::with_capacity(256 << 10);
            driver.submit(Op::ReadAt { key, buffer, offset: index * (256 << 10) });
        }
        driver.turn(Duration::ZERO);
        let ended = driver.kept.len();
        let closed = driver.events.close(Duration::ZERO);
        assert_eq!(ended + closed.reaped + closed.leaked, 32, "round {round}: {closed:?}");
    }
    std::fs::remove_file(&path).expect("removed");
}
