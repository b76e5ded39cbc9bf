//! `interval`: regular ticks.

use std::panic::catch_unwind;
use std::time::Duration;

use polyloop::{MissedTicks, Time, create_task, interval, interval_at, sleep, time, timeout};

use crate::run;

const MS: Duration = Duration::from_millis(1);

#[test]
fn ticks_come_at_once_and_then_after_each_period_and_never_early() {
    run(async {
        let begin = time();
        let mut hourly = interval(Duration::from_secs(3600));
        assert!(timeout(Duration::from_secs(5), hourly.tick()).await.is_ok());
        let mut ticks = interval(MS * 2);
        assert_eq!(ticks.period(), MS * 2);
        let first = ticks.tick().await;
        assert!(first >= begin);
        for n in 1..5 {
            let due = ticks.tick().await;
            assert_eq!(due.since(first), MS * 2 * n);
            assert!(time() >= due);
        }
    });
}

#[test]
fn a_tick_that_is_given_up_is_still_to_come() {
    run(async {
        // Longer than a busy machine keeps this from the five that follow.
        let period = MS * 1000;
        let mut ticks = interval(period);
        let first = ticks.tick().await;
        for _ in 0..5 {
            assert!(timeout(Duration::ZERO, ticks.tick()).await.is_err());
        }
        assert_eq!(ticks.tick().await.since(first), period);
    });
}

/// Gives the second and third tick after the first was followed by 35 periods of something else.
async fn late_ticks(missed: MissedTicks) -> (Duration, Duration, Duration) {
    let period = Duration::from_micros(500);
    let mut ticks = interval(period).missed_ticks(missed);
    let first = ticks.tick().await;
    std::thread::sleep(period * 35 + period / 2);
    let second = ticks.tick().await;
    let taken = time();
    let third = ticks.tick().await;
    (second.since(first), third.since(first), taken.since(first))
}

#[test]
fn missed_ticks_are_made_up_for_delayed_or_skipped() {
    run(async {
        let period = Duration::from_micros(500);
        let (second, third, _) = late_ticks(MissedTicks::Burst).await;
        assert_eq!((second, third), (period, period * 2));
        let (second, third, taken) = late_ticks(MissedTicks::Delay).await;
        assert_eq!(second, period);
        assert!(third >= period * 36 && third <= taken + period, "{third:?} {taken:?}");
        let (second, third, _) = late_ticks(MissedTicks::Skip).await;
        assert_eq!(second, period);
        assert!(third >= period * 36, "{third:?}");
        assert_eq!(third.as_nanos() % period.as_nanos(), 0, "{third:?}");
    });
}

#[test]
fn a_burst_lets_the_others_run() {
    run(async {
        let mut ticks = interval_at(Time::ZERO, Duration::from_nanos(1));
        let other = create_task(async {});
        let mut count = 0;
        while !other.done() {
            ticks.tick().await;
            count += 1;
            assert!(count < 10, "a burst starves the others");
        }
    });
}

#[test]
fn past_starts_tick_at_once_and_enormous_ones_never() {
    run(async {
        let mut past = interval_at(Time::ZERO, Duration::MAX);
        assert_eq!(past.tick().await, Time::ZERO);
        assert!(timeout(MS, past.tick()).await.is_err());
        let mut never = interval_at(Time::NEVER, MS);
        assert!(timeout(MS, never.tick()).await.is_err());
        never.reset();
        never.tick().await;
        sleep(Duration::ZERO).await;
    });
}

#[test]
fn a_period_of_zero_is_refused() {
    assert!(catch_unwind(|| interval(Duration::ZERO)).is_err());
    assert!(catch_unwind(|| interval_at(Time::ZERO, Duration::ZERO)).is_err());
}
