use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{Batch, Buffer, EventLoop, LoopConfig, Op, OsHandle, Output};
use rustix::event::{PollFd, PollFlags, Timespec};

use crate::driver::on_each_step;

fn is_readable(bell: &Arc<File>, timeout: Duration) -> bool {
    let timeout =
        Timespec { tv_sec: timeout.as_secs() as i64, tv_nsec: timeout.subsec_nanos().into() };
    let fds = &mut [PollFd::new(bell, PollFlags::IN)];
    rustix::event::poll(fds, Some(&timeout)).expect("polled") > 0
}

#[test]
fn the_descriptor_tells_of_completions_and_of_nothing_else() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let bell = driver.events.guest_descriptor().expect("a descriptor");
        let (client, server) = driver.pair();
        let mut turns = 0;
        for round in 0..200u8 {
            let (recv, _) =
                driver.submit(Op::Recv { key: server, buffer: Buffer::with_capacity(8) });
            driver.events.prepare();
            let (send, _) = driver.submit(Op::Send { key: client, buffer: [round][..].into() });
            let mut open = vec![recv, send];
            while !open.is_empty() {
                driver.events.prepare();
                assert!(is_readable(&bell, Duration::from_secs(5)), "stalled in round {round}");
                driver.turn(Duration::ZERO);
                turns += 1;
                for completion in driver.kept.drain(..) {
                    assert!(matches!(completion.result, Ok(Output::Transferred(1))));
                    open.retain(|token| *token != completion.token);
                }
            }
            driver.events.prepare();
            while is_readable(&bell, Duration::ZERO) {
                driver.turn(Duration::ZERO);
                driver.events.prepare();
                turns += 1;
                assert!(turns < 2000, "readable without end");
            }
        }
        assert!(turns <= 250, "{turns} turns for 200 rounds");
    });
}

#[test]
fn a_wake_reaches_the_descriptor_and_a_helper_thread() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let bell = driver.events.guest_descriptor().expect("a descriptor");
        let wait = driver.events.guest_wait().expect("a wait");
        for _ in 0..50 {
            while driver.turn(Duration::ZERO).more {}
            driver.events.prepare();
            let helper = {
                let wait = wait.clone();
                std::thread::spawn(move || wait.wait(Some(Duration::from_secs(5))))
            };
            driver.events.waker().wake();
            assert!(helper.join().expect("no panic").expect("waited"));
            assert!(is_readable(&bell, Duration::ZERO));
            assert!(driver.turn(Duration::ZERO).woken);
        }
        // A wake before the host waits shows as well.
        driver.events.waker().wake();
        driver.events.prepare();
        assert!(is_readable(&bell, Duration::ZERO));
        assert!(driver.turn(Duration::ZERO).woken);
    });
}

#[test]
fn a_callers_eventfd_that_is_polled_shows_every_time() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let bell = driver.events.guest_descriptor().expect("a descriptor");
        let flags = rustix::event::EventfdFlags::NONBLOCK;
        let watched = File::from(rustix::event::eventfd(0, flags).expect("an eventfd"));
        let writer = watched.try_clone().expect("a duplicate");
        let key = driver.events.attach(OsHandle::Descriptor(watched)).expect("attached");
        let interest = polyloop_core::Interest::READABLE;
        let (poll, _) = driver.submit(Op::PollMulti { key, interest });
        for round in 0..20 {
            while driver.turn(Duration::ZERO).more {}
            driver.events.prepare();
            rustix::io::write(&writer, &1u64.to_ne_bytes()).expect("written");
            assert!(is_readable(&bell, Duration::from_secs(5)), "stalled in round {round}");
            assert!(driver.wait(poll).is_more());
        }
    });
}

#[test]
fn the_descriptor_stays_readable_while_a_small_batch_leaves_something() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let bell = driver.events.guest_descriptor().expect("a descriptor");
        let (_read, write) = driver.pipe();
        for _ in 0..5 {
            driver.submit(Op::Poll { key: write, interest: polyloop_core::Interest::WRITABLE });
        }
        driver.events.prepare();
        let mut batch = Batch::with_capacity(1);
        for left in (0..5).rev() {
            assert!(is_readable(&bell, Duration::ZERO), "with {left} more behind one");
            let turned = driver.events.turn(polyloop_core::Time::ZERO, &mut batch);
            assert_eq!(batch.drain().len(), 1);
            assert_eq!(turned.more, left > 0);
        }
        driver.events.prepare();
        assert!(!is_readable(&bell, Duration::ZERO));
    });
}
