//! Times that nobody means: zero, past, enormous. Zero and past ones look once, enormous ones never
//! come. (Intervals, moving deadlines and `wait` have theirs beside their other tests.)

use std::sync::mpsc;
use std::time::Duration;

use polyloop::{
    Executor, Loop, Runner, Time, TimedOut, Watchdog, call_at, call_later, sleep, sleep_until,
    time, timeout, timeout_at, wait_for, yield_now,
};

use crate::{Log, run};

const MS: Duration = Duration::from_millis(1);
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

#[test]
fn limits_of_zero_look_once_and_enormous_ones_are_none() {
    run(async {
        let pending = std::future::pending::<()>;
        assert_eq!(wait_for(async { 1 }, Duration::ZERO).await, Ok(1));
        assert_eq!(wait_for(pending(), Duration::ZERO).await, Err(TimedOut));
        assert_eq!(wait_for(sleep(MS), Duration::MAX).await, Ok(()));
        assert_eq!(timeout(Duration::ZERO, async { 1 }).await, Ok(1));
        assert_eq!(timeout(Duration::MAX, sleep(MS)).await, Ok(()));
        assert_eq!(timeout_at(Time::ZERO, async { 1 }).await, Ok(1));
        assert_eq!(timeout_at(Time::ZERO, pending()).await, Err(TimedOut));
        assert_eq!(timeout_at(Time::NEVER, sleep(MS)).await, Ok(()));
        assert_eq!(timeout(MS, sleep_until(Time::NEVER)).await, Err(TimedOut));
    });
}

#[test]
fn callbacks_of_zero_and_past_times_run_and_those_of_enormous_ones_never() {
    run(async {
        let log = Log::default();
        let push = |what: &'static str| {
            let log = log.clone();
            move || log.push(what)
        };
        let never = call_later(Duration::MAX, push("never"));
        call_at(Time::NEVER, push("never"));
        call_later(Duration::ZERO, push("zero"));
        call_at(Time::ZERO, push("past"));
        assert!(never.when() > time() + CENTURY);
        sleep(MS * 5).await;
        let mut lines = log.take();
        lines.sort();
        assert_eq!(lines, ["past", "zero"]);
        never.cancel();
        yield_now().await;
        assert!(log.take().is_empty());
    });
}

#[test]
fn threads_are_waited_for_at_once_or_for_ever() {
    run(async {
        for limit in [Duration::ZERO, Duration::MAX] {
            let executor = Executor::new("awkward", 1).unwrap();
            executor.shutdown(limit).await.expect("nothing runs");
        }
        let handle = Loop::current().unwrap().handle();
        let waits = std::thread::spawn(move || {
            let never = handle.run_coroutine_threadsafe(std::future::pending::<()>).unwrap();
            let soon = handle.run_coroutine_threadsafe(|| sleep(MS)).unwrap();
            let soon = soon.wait_timeout(Duration::MAX).map(|result| result.is_ok());
            (never.wait_timeout(Duration::ZERO).is_err(), soon)
        });
        while !waits.is_finished() {
            sleep(MS).await;
        }
        assert_eq!(waits.join().unwrap(), (true, Ok(true)));
    });
}

#[test]
fn a_watchdog_of_zero_tells_of_what_takes_a_millisecond_and_one_of_enormous_patience_never() {
    for (after, tells) in [(Duration::ZERO, true), (Duration::MAX, false)] {
        let (told, reports) = mpsc::channel();
        let watchdog = Watchdog::after(after).report_to(move |blockage| {
            let _ = told.send(blockage.clone());
        });
        let runner = Runner::builder().watchdog(watchdog).build().unwrap();
        let patience = if tells { MS * 30_000 } else { MS * 30 };
        let blocked = runner.run(async move { reports.recv_timeout(patience) }).unwrap();
        assert_eq!(blocked.is_ok(), tells);
    }
}
