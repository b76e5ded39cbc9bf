use std::time::{Duration, Instant};

use polyloop_core::{Batch, Op, Time, Token};

use crate::harness::Harness;
use crate::rig::buffer_of;

/// A turn whose deadline has passed does not wait.
pub(crate) fn a_past_deadline_does_not_wait(harness: &Harness) {
    let mut rig = harness.rig();
    let mut batch = Batch::new();
    rig.pair();
    let begun = Instant::now();
    for _ in 0..20 {
        rig.events.turn(Time::ZERO, &mut batch);
        let now = rig.events.now();
        rig.events.turn(now, &mut batch);
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(200), "40 turns that do not wait took {took:?}");
}

/// A turn does not claim that a deadline has passed before the clock says so.
pub(crate) fn a_deadline_is_not_early(harness: &Harness) {
    let mut rig = harness.rig();
    let mut batch = Batch::new();
    for millis in [1, 3, 10, 21] {
        let deadline = rig.events.now() + Duration::from_millis(millis);
        let mut turns = 0;
        while rig.events.now() < deadline {
            rig.events.turn(deadline, &mut batch);
            turns += 1;
            assert!(turns <= 10, "{turns} turns before a deadline {millis} ms away");
        }
    }
}

/// A turn ends about when its deadline is, not long after.
pub(crate) fn a_deadline_is_not_missed(harness: &Harness) {
    let mut rig = harness.rig();
    let mut batch = Batch::new();
    // The best of five: a busy machine may be late now and then.
    let lateness = (0..5).map(|_| {
        let deadline = rig.events.now() + Duration::from_millis(10);
        let mut turns = 0;
        while rig.events.now() < deadline && turns < 1000 {
            rig.events.turn(deadline, &mut batch);
            turns += 1;
        }
        rig.events.now().since(deadline)
    });
    let late = lateness.min().expect("five is some");
    assert!(late < Duration::from_millis(50), "turns end {late:?} after their deadline at best");
}

/// An idle turn sleeps: it does not come back again and again.
pub(crate) fn an_idle_loop_sleeps(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.submit_recv(pair.server, 8);
    rig.submit(Op::RecvMulti { key: pair.client });
    rig.linger(Duration::from_millis(5));
    let mut batch = Batch::new();
    let deadline = rig.events.now() + Duration::from_millis(50);
    let mut turns = 0;
    while rig.events.now() < deadline {
        rig.events.turn(deadline, &mut batch);
        turns += 1;
        assert!(batch.is_empty(), "an idle loop completed something");
    }
    assert!(turns <= 3, "an idle loop woke {turns} times in 50 ms");
}

/// A turn with a far deadline ends when something completes.
pub(crate) fn a_completion_ends_the_wait(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    // The best of three: a busy machine may be late now and then.
    let took = (0..3).map(|_| {
        let recv = rig.submit_recv(pair.server, 4);
        let sent = rig.events.try_send(pair.client, &[std::io::IoSlice::new(b"wake")]);
        assert_eq!(sent.expect("there is room"), 4);
        let begun = Instant::now();
        for _ in 0..10 {
            rig.turn(rig.patience());
            if let Some(done) = rig.take(recv) {
                assert_eq!(&buffer_of(done.op.expect("terminal"))[..], b"wake");
                return begun.elapsed();
            }
        }
        panic!("ten turns did not deliver a receive whose bytes were sent")
    });
    let took = took.min().expect("three is some");
    assert!(took < Duration::from_millis(200), "a completion ended the wait after {took:?}");
}

/// What does not fit a batch comes with the next turns, in order; nothing is lost.
pub(crate) fn a_small_batch_loses_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recvs: Vec<_> = (0..10).map(|_| rig.submit_recv(pair.server, 1)).collect();
    let send = rig.submit_send(pair.client, b"0123456789");
    rig.set_batch(1);
    let mut order = Vec::new();
    rig.wait("ten receives, one a turn", |rig| {
        order.extend(rig.take_all().into_iter().map(|done| done.token));
        (order.len() >= 11).then_some(())
    });
    order.retain(|token| *token != send.token);
    let expected: Vec<Token> = recvs.iter().map(|recv| recv.token).collect();
    assert_eq!(order, expected, "every completion comes once, in order");
}

/// What did not fit a batch is announced, and the next turn does not wait.
pub(crate) fn more_is_announced_when_a_batch_is_full(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let sent = rig.submit_send(pair.client, b"0123456789");
    rig.succeed(sent);
    rig.readable(pair.server);
    let recvs: Vec<_> = (0..4).map(|_| rig.submit_recv(pair.server, 1)).collect();
    // A loop may do receives at once, within their submission; then nothing is left to deliver.
    if recvs.iter().any(|recv| recv.id.is_none()) {
        return;
    }
    // The closes of resources end in the same turn: all is ready before the first turn ends.
    rig.set_batch(1);
    let mut announced = false;
    let mut delivered = 0;
    rig.wait("four receives", |rig| {
        let turned = rig.turn(Duration::from_millis(5));
        delivered += rig.take_all().len();
        assert!(!(turned.more && delivered == 4), "a turn announced more than there is");
        announced |= turned.more;
        (delivered == 4).then_some(())
    });
    assert!(announced, "no turn of a batch of one announced that more is ready");
}

/// The standard batch takes what a burst completes, over as many turns as it needs.
pub(crate) fn a_burst_is_delivered_whole(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let count = 2000;
    let recvs: Vec<_> = (0..count).map(|_| rig.submit_recv(pair.server, 1)).collect();
    rig.submit_send(pair.client, &vec![b'x'; count]);
    let order = rig.order_of(&recvs);
    assert_eq!(order, (0..count).collect::<Vec<_>>(), "every receive ends once, in order");
}

/// The clock never goes back.
pub(crate) fn the_clock_never_goes_back(harness: &Harness) {
    let mut rig = harness.rig();
    let mut last = rig.events.now();
    for round in 0..2000 {
        if round % 100 == 0 {
            rig.turn(Duration::from_micros(100));
        }
        let now = rig.events.now();
        assert!(now >= last, "the clock went back from {last:?} to {now:?}");
        last = now;
    }
    assert!(!last.is_never(), "the clock shows never");
}

/// The clock goes on while a turn waits.
pub(crate) fn the_clock_goes_on_in_a_turn(harness: &Harness) {
    let mut rig = harness.rig();
    let before = rig.events.now();
    rig.linger(Duration::from_millis(10));
    let passed = rig.events.now().since(before);
    assert!(passed >= Duration::from_millis(5), "the clock moved {passed:?} in 10 ms");
}

/// Two ops far apart in time do not share a completion: nothing comes by itself.
pub(crate) fn an_op_that_waits_does_not_complete_by_itself(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let (listener, _) = rig.listen();
    let waiting = [
        rig.submit_recv(pair.server, 8),
        rig.submit_recv(pair.client, 8),
        rig.submit(Op::Accept { key: listener }),
    ];
    rig.linger(Duration::from_millis(20));
    assert!(rig.take_all().is_empty(), "an op completed though nothing happened");
    assert_eq!(rig.events.census().ops, waiting.len(), "the ops are in flight");
}
