//! Timers among ten thousand others, with deadlines in no order.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use polyloop::{Loop, Runner, Sleep, TimerHandle, sleep, timeout, yield_now};

use super::Work;
use crate::section::Section;

pub(super) const WORKS: &[Work] = &[
    ("timer callbacks", callbacks),
    ("timer sleeps", sleeps),
    ("timer alone", sleep_alone),
    ("timer timeout", timeout_that_is_not_reached),
];

const TIMERS: u64 = 10_000;

/// Gives the deadlines: multiplying by a number that shares no factor with the modulus visits all.
fn delays() -> impl Iterator<Item = Duration> {
    (0..TIMERS).map(|n| Duration::from_micros(1_000 + n * 6_181 % TIMERS))
}

fn run(runner: &Runner, work: impl Future<Output = ()> + 'static) {
    runner.run(work).expect("the loop runs");
}

fn armed(events: &Loop, handles: &mut Vec<TimerHandle>) {
    handles.extend(delays().map(|delay| events.call_later(delay, || {})));
}

fn callbacks(runner: &Runner) {
    run(runner, async {
        let events = Loop::current().expect("inside");
        let mut handles = Vec::with_capacity(TIMERS as usize);
        let section = Section::begin("insert a timer (call_later)");
        armed(&events, &mut handles);
        section.end(TIMERS);
        let section = Section::begin("cancel a timer");
        for handle in handles.drain(..) {
            handle.cancel();
        }
        section.end(TIMERS);
        armed(&events, &mut handles);
        let section = Section::begin("fire a timer");
        sleep(Duration::from_secs(1)).await;
        section.end(TIMERS);
    });
}

fn sleeps(runner: &Runner) {
    run(runner, async {
        let mut sleeps: Vec<Pin<Box<Sleep>>> = Vec::with_capacity(TIMERS as usize);
        let section = Section::begin("make a sleep in a box and poll it");
        poll_fn(|cx| {
            for delay in delays() {
                let mut sleep = Box::pin(sleep(delay));
                assert!(sleep.as_mut().poll(cx).is_pending());
                sleeps.push(sleep);
            }
            Poll::Ready(())
        })
        .await;
        section.end(TIMERS);
        let section = Section::begin("drop a sleep");
        sleeps.clear();
        section.end(TIMERS);
        // Those that were dropped may still have entries, which this is not to pay for.
        yield_now().await;
    });
}

fn sleep_alone(runner: &Runner) {
    const ROUNDS: u64 = 1_000;
    run(runner, async {
        let section = Section::begin("sleep, alone");
        for _ in 0..ROUNDS {
            sleep(Duration::from_millis(1)).await;
        }
        section.end(ROUNDS);
    });
}

fn timeout_that_is_not_reached(runner: &Runner) {
    const ROUNDS: u64 = 1_000;
    run(runner, async {
        let section = Section::begin("yield under a timeout");
        for _ in 0..ROUNDS {
            timeout(Duration::from_secs(1), yield_now()).await.expect("in time");
        }
        section.end(ROUNDS);
    });
}
