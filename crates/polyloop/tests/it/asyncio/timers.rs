//! Timers, and what else is ready when they are due.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Time, TimerHandle, call_at, call_later, call_soon, create_task, sleep, time, yield_now,
};

use super::script::{Log, MS, block, py, run};

pub(super) fn timers_by_time(log: Log) {
    run(async move {
        let now = time();
        call_at(now + MS * 150, log.line("third"));
        call_at(now + MS * 50, log.line("first"));
        call_later(MS * 100, log.line("second"));
        log.push("armed");
        sleep(MS * 200).await;
        log.push("end");
    });
}

pub(super) fn timers_ties_of_two(log: Log) {
    run(async move {
        let when = time() + MS * 50;
        call_at(when, log.line("a"));
        call_at(when, log.line("b"));
        sleep(MS * 100).await;
        let when = before(time(), MS);
        call_at(when, log.line("c"));
        call_at(when, log.line("d"));
        sleep(MS * 50).await;
        log.push("end");
    });
}

pub(super) fn timers_ties_of_many(log: Log) {
    run(async move {
        let when = time() + MS * 50;
        for name in ["a", "b", "c", "d", "e"] {
            call_at(when, log.line(name));
        }
        sleep(MS * 100).await;
        log.push("end");
    });
}

pub(super) fn timers_zero_and_soon(log: Log) {
    run(async move {
        call_later(Duration::ZERO, log.line("timer 1"));
        call_soon(log.line("soon 1"));
        call_later(Duration::ZERO, log.line("timer 2"));
        call_soon(log.line("soon 2"));
        yield_now().await;
        log.push("resumed");
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn timers_in_the_past(log: Log) {
    run(async move {
        block(4);
        let now = time();
        call_at(before(now, MS), log.line("one second ago"));
        call_at(before(now, MS * 3), log.line("three seconds ago"));
        call_at(before(now, MS * 2), log.line("two seconds ago"));
        call_soon(log.line("soon"));
        yield_now().await;
        log.push("resumed");
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn timers_cancelled(log: Log) {
    run(async move {
        call_later(MS * 10, log.line("never")).cancel();
        let slot = Rc::new(RefCell::new(None::<TimerHandle>));
        let now = time();
        let (first, next) = (log.line("first"), slot.clone());
        call_at(now + MS * 10, move || {
            first();
            next.borrow().as_ref().unwrap().cancel();
        });
        let second = call_at(now + MS * 11, log.line("second"));
        slot.replace(Some(second.clone()));
        call_at(now + MS * 12, log.line("third"));
        block(30);
        sleep(MS * 10).await;
        second.cancel();
        log.push(format!("second cancelled: {}", py(second.cancelled())));
    });
}

pub(super) fn timers_armed_by_timers(log: Log) {
    run(async move {
        let inside = log.clone();
        call_later(MS * 50, move || {
            inside.push("first");
            let second = inside.clone();
            call_later(Duration::ZERO, move || {
                second.push("second");
                call_later(MS * 50, second.line("third"));
            });
            call_soon(inside.line("soon of the first"));
        });
        sleep(MS * 200).await;
        log.push("end");
    });
}

pub(super) fn timers_all_due_at_once(log: Log) {
    run(async move {
        let now = time();
        for n in [3, 1, 4, 2, 5] {
            call_at(now + MS * n, log.line(format!("due {n}")));
        }
        call_soon(log.line("soon"));
        block(30);
        log.push("held up");
        yield_now().await;
        log.push("resumed");
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn timers_and_sleepers(log: Log) {
    async fn sleeper(log: Log, name: &str, delay: Duration) {
        sleep(delay).await;
        log.push(format!("sleeper {name}"));
    }
    run(async move {
        let one = create_task(sleeper(log.clone(), "one", MS * 10));
        let two = create_task(sleeper(log.clone(), "two", MS * 12));
        yield_now().await;
        let inside = log.clone();
        call_later(MS * 14, move || {
            inside.push("timer");
            call_soon(inside.line("soon of the timer"));
        });
        block(40);
        log.push("held up");
        one.await.unwrap();
        two.await.unwrap();
        log.push("end");
    });
}

pub(super) fn timers_among_busy_callbacks(log: Log) {
    fn again(log: Log, stop: Rc<Cell<bool>>) {
        if stop.get() {
            log.push("stopped");
        } else {
            call_soon(move || again(log, stop));
        }
    }
    run(async move {
        let stop = Rc::new(Cell::new(false));
        again(log.clone(), stop.clone());
        let timer = log.line("timer");
        call_later(MS * 50, move || {
            timer();
            stop.set(true);
        });
        sleep(MS * 150).await;
        log.push("end");
    });
}

/// Gives an earlier time; a loop's clock begins with the loop, so seconds are milliseconds here.
fn before(when: Time, by: Duration) -> Time {
    Time::from_nanos(when.as_nanos().saturating_sub(by.as_nanos() as u64))
}
