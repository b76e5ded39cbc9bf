use std::time::Duration;

use polyloop_core::{Buffer, ErrorKind, EventLoop, Interest, LoopConfig, Op, Output};
use polyloop_uring::Setup;

use crate::driver::{Driver, on_each_step};

#[test]
fn an_overflowing_completion_queue_loses_nothing() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (_read, write) = driver.pipe();
        let op = || Op::Poll { key: write, interest: Interest::WRITABLE };
        let mut tokens: Vec<_> = (0..20_000).map(|_| driver.submit(op()).0).collect();
        let mut got = Vec::new();
        while got.len() < tokens.len() {
            driver.turn(Duration::from_secs(5));
            got.extend(driver.kept.drain(..).map(|completion| {
                assert!(matches!(completion.result, Ok(Output::Ready(_))), "{completion:?}");
                completion.token
            }));
        }
        got.sort_unstable();
        tokens.sort_unstable();
        assert_eq!(got, tokens);
        assert_eq!(driver.events.census().ops, 0);
    });
}

#[test]
fn ops_beyond_the_bound_come_back() {
    let mut config = LoopConfig::default();
    config.ops_max = 3;
    config.resources_max = 2;
    let mut driver = Driver::new(&config, Setup::default());
    let (read, _write) = driver.pipe();
    let refused = driver.result(Op::Open { spec: Box::new(polyloop_core::OpenSpec::Pipe) });
    assert_eq!(refused.expect_err("full").kind(), ErrorKind::ResourceExhausted);
    let recv = || Op::Recv { key: read, buffer: Buffer::with_capacity(8) };
    let ids: Vec<_> = (0..3).map(|_| driver.submit(recv())).collect();
    let refused = driver.run(recv());
    assert_eq!(refused.result.expect_err("full").kind(), ErrorKind::ResourceExhausted);
    assert!(matches!(refused.op, Some(Op::Recv { .. })));
    for (token, id) in ids {
        driver.events.cancel(id.expect("queued"));
        assert!(driver.wait(token).result.expect_err("cancelled").is_canceled());
    }
}

#[test]
fn accepting_pauses_at_the_bound_of_resources_without_spinning() {
    on_each_step(
        &{
            let mut config = LoopConfig::default();
            config.resources_max = 3;
            config
        },
        |mut driver| {
            let (listener, address) = driver.listener();
            let (accept, _) = driver.submit(Op::AcceptMulti { key: listener });
            let _clients: Vec<_> =
                (0..6).map(|_| std::net::TcpStream::connect(address).expect("connected")).collect();
            let mut taken = Vec::new();
            let mut turns = 0;
            let end = driver.events.now() + Duration::from_millis(300);
            while driver.events.now() < end {
                driver.turn(Duration::from_millis(300));
                turns += 1;
                for completion in driver.kept.drain(..) {
                    match completion.result {
                        Ok(Output::Accepted(key)) => taken.push(key),
                        other => panic!("{other:?}"),
                    }
                }
            }
            assert_eq!(taken.len(), 2);
            assert!(turns < 50, "{turns} turns");
            let enters = driver.events.submitted().enters();
            assert!(enters < 80, "{enters} enters");
            for _ in 0..4 {
                driver.close(taken.remove(0));
                match driver.wait(accept).result {
                    Ok(Output::Accepted(key)) => taken.push(key),
                    other => panic!("{other:?}"),
                }
            }
        },
    );
}

#[test]
fn a_turn_waits_for_its_deadline_and_not_longer() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let before = driver.events.now();
        driver.turn(Duration::from_millis(30));
        let took = driver.events.now().since(before);
        assert!(took >= Duration::from_millis(30) && took < Duration::from_secs(5), "{took:?}");
        let enters = driver.events.submitted().enters();
        driver.turn(Duration::from_millis(50));
        assert!(driver.events.submitted().enters() - enters <= 3, "it does not spin");
    });
}

#[test]
fn wakes_from_many_threads_are_not_lost() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let posted = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (waker, posted) = (driver.events.waker(), posted.clone());
                std::thread::spawn(move || {
                    for _ in 0..500 {
                        posted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        waker.wake();
                    }
                })
            })
            .collect();
        let mut seen = 0;
        while seen < 4000 {
            assert!(driver.turn(Duration::from_secs(5)).woken, "a wake was lost after {seen}");
            seen = posted.load(std::sync::atomic::Ordering::SeqCst);
        }
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    });
}

#[test]
fn a_ring_of_any_size_that_is_asked_for_can_be_had() {
    for entries in [0, u32::MAX] {
        let mut setup = Setup::default();
        setup.entries = entries;
        let mut driver = Driver::new(&LoopConfig::default(), setup);
        let taken = driver.events.setup().entries;
        assert!((1..=1 << 15).contains(&taken), "{taken} entries for {entries}");
        let (_read, write) = driver.pipe();
        let ready = driver.result(Op::Poll { key: write, interest: Interest::WRITABLE });
        assert!(matches!(ready, Ok(Output::Ready(_))), "{ready:?}");
    }
}

#[test]
fn a_tiny_ring_does_as_many_ops_as_a_large_one() {
    let mut setup = Setup::default();
    setup.entries = 4;
    let mut driver = Driver::new(&LoopConfig::default(), setup);
    let (read, write) = driver.pipe();
    let mut tokens = Vec::new();
    for _ in 0..2000 {
        tokens.push(driver.submit(Op::Poll { key: write, interest: Interest::WRITABLE }).0);
        let (token, id) = driver.submit(Op::Poll { key: read, interest: Interest::READABLE });
        driver.events.cancel(id.expect("queued"));
        tokens.push(token);
    }
    for token in tokens {
        let done = driver.wait(token);
        assert!(matches!(done.op, Some(Op::Poll { .. })));
    }
    assert_eq!(driver.events.census().ops, 0);
}
