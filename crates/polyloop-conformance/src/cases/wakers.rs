use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use polyloop_core::{Batch, LoopWaker, Time};

use crate::harness::Harness;

fn assert_is_send_sync_clone<T: Send + Sync + Clone + 'static>(_: &T) {}

/// A wake from another thread ends a wait that has no deadline.
pub(crate) fn a_wake_ends_a_wait_without_deadline(harness: &Harness) {
    let mut rig = harness.rig();
    let waker = rig.events.waker();
    assert_is_send_sync_clone(&waker);
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(10));
        waker.wake();
    });
    let mut batch = Batch::new();
    let mut turns = 0;
    while !rig.events.turn(Time::NEVER, &mut batch).woken {
        turns += 1;
        assert!(turns < 10, "a wait without deadline ended {turns} times without a wake");
    }
    thread.join().expect("no panic");
}

/// A wake that comes before the turn makes it not wait.
pub(crate) fn a_wake_before_the_turn_is_not_lost(harness: &Harness) {
    let mut rig = harness.rig();
    for _ in 0..10 {
        rig.events.waker().wake();
        let begun = Instant::now();
        let turned = rig.turn(rig.patience());
        assert!(turned.woken, "the turn does not tell of the wake");
        let took = begun.elapsed();
        assert!(took < rig.patience() / 2, "the turn waited {took:?} in spite of a wake");
    }
    assert!(!rig.turn(Duration::ZERO).woken, "a turn tells of a wake that did not come");
}

/// Wakes coalesce: a thousand end a few waits at most.
pub(crate) fn a_thousand_wakes_end_few_waits(harness: &Harness) {
    let mut rig = harness.rig();
    let waker = rig.events.waker();
    (0..1000).for_each(|_| waker.wake());
    let woken = (0..50).filter(|_| rig.turn(Duration::from_micros(50)).woken).count();
    assert!((1..=2).contains(&woken), "1,000 wakes at once were told by {woken} turns");
}

/// A wake does not hide completions.
pub(crate) fn a_wake_hides_no_completion(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let waker = rig.events.waker();
    for _ in 0..20 {
        let recv = rig.submit_recv(pair.server, 1);
        waker.wake();
        rig.send(pair.client, b"x");
        waker.wake();
        assert_eq!(&rig.transferred(recv).1[..], b"x");
    }
}

/// A waker may outlive its loop, and does nothing then.
pub(crate) fn a_waker_outlives_its_loop(harness: &Harness) {
    let rig = harness.rig();
    let waker = rig.events.waker();
    let other = waker.clone();
    assert!(waker.will_wake(&other), "clones wake the same loop");
    drop(rig);
    waker.wake();
    thread::spawn(move || other.wake()).join().expect("waking after the loop is harmless");
    let next = harness.rig();
    assert!(!next.events.waker().will_wake(&waker), "another loop has another waker");
}

/// Wakes from many threads are told; after each posted number there is a turn that sees it.
pub(crate) fn no_wake_of_many_threads_is_lost(harness: &Harness) {
    let mut rig = harness.rig();
    let posted = Arc::new(AtomicUsize::new(0));
    let (threads, rounds) = (4, 100);
    let handles: Vec<_> =
        (0..threads).map(|_| post(rig.events.waker(), posted.clone(), rounds)).collect();
    // Whoever waits past a post was not woken for it: the wait below would then run out.
    let mut seen = 0;
    rig.wait("every post of every thread", |rig| {
        let far = rig.patience() * 2;
        while seen < threads * rounds {
            let begun = Instant::now();
            rig.turn(far);
            assert!(begun.elapsed() < rig.patience(), "a turn slept through a wake");
            seen = posted.load(Ordering::Acquire);
        }
        Some(())
    });
    handles.into_iter().for_each(|handle| handle.join().expect("no panic"));
}

/// Posts and wakes, now and then with a pause in which the loop falls asleep.
fn post(waker: LoopWaker, posted: Arc<AtomicUsize>, rounds: usize) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for round in 0..rounds {
            // Release: what the loop loads after the wake includes this post.
            posted.fetch_add(1, Ordering::Release);
            waker.wake();
            if round % 25 == 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
    })
}
