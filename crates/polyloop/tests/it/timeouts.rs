//! Deadlines that move.

use std::time::Duration;

use polyloop::{
    Time, TimedOut, create_task, sleep, time, timeout_scope, timeout_scope_at, yield_now,
};

use crate::run;

const MS: Duration = Duration::from_millis(1);

/// Longer than any test may take, so whoever waits for it has failed.
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_deadline_is_moved_from_inside_and_outside() {
    run(async {
        let inside = timeout_scope(MS * 2, |timeout| async move {
            assert!(timeout.reschedule(time() + LONG));
            sleep(MS * 10).await;
            timeout.expired()
        });
        assert_eq!(inside.await, Ok(false));
        let mut handle = None;
        let outside = create_task(timeout_scope(LONG, |timeout| {
            handle = Some(timeout);
            std::future::pending::<()>()
        }));
        let handle = handle.unwrap();
        yield_now().await;
        assert!(handle.when().unwrap() > time() + LONG / 2);
        assert!(handle.reschedule(time() + MS));
        assert_eq!(outside.await.unwrap(), Err(TimedOut));
        assert!(handle.expired());
        assert!(!handle.reschedule(None));
    });
}

#[test]
fn a_deadline_is_taken_away_and_set_late() {
    run(async {
        let result = timeout_scope(None, |timeout| async move {
            assert_eq!(timeout.when(), None);
            sleep(MS * 2).await;
            timeout.reschedule(time() + MS);
            timeout.reschedule(None);
            sleep(MS * 5).await;
            timeout.reschedule(time() + MS);
            std::future::pending::<()>().await;
        });
        assert_eq!(result.await, Err(TimedOut));
    });
}

#[test]
fn zero_past_and_enormous_deadlines() {
    run(async {
        sleep(MS * 2).await;
        let pending = std::future::pending::<()>;
        assert_eq!(timeout_scope(Duration::ZERO, |_| pending()).await, Err(TimedOut));
        assert_eq!(timeout_scope(Duration::ZERO, |_| async { 1 }).await, Ok(1));
        assert_eq!(timeout_scope_at(Time::ZERO, |_| pending()).await, Err(TimedOut));
        assert_eq!(timeout_scope(Duration::MAX, |_| sleep(MS)).await, Ok(()));
        let moved = timeout_scope(Duration::MAX, |timeout| {
            timeout.reschedule(Time::ZERO);
            pending()
        });
        assert_eq!(moved.await, Err(TimedOut));
    });
}

#[test]
fn the_earliest_of_nested_deadlines_takes_effect_whichever_moves() {
    run(async {
        let outer = timeout_scope(LONG, |outer| async move {
            timeout_scope(LONG / 2, |inner| async move {
                assert!(inner.reschedule(time() + LONG / 4));
                assert!(outer.reschedule(time() + MS));
                std::future::pending::<()>().await;
            })
            .await
        });
        assert_eq!(outer.await, Err(TimedOut));
    });
}

#[test]
fn a_result_that_is_ready_at_a_moved_deadline_is_kept() {
    run(async {
        let guarded = create_task(timeout_scope(LONG, |timeout| async move {
            timeout.reschedule(time() + MS * 3);
            sleep(MS * 2).await;
            "kept"
        }));
        yield_now().await;
        std::thread::sleep(MS * 10);
        assert_eq!(guarded.await.unwrap(), Ok("kept"));
    });
}

#[test]
fn a_scope_that_has_ended_cannot_be_moved() {
    run(async {
        let handle = timeout_scope(LONG, |timeout| async move { timeout }).await.unwrap();
        assert!(!handle.reschedule(time() + MS));
        assert!(!handle.expired());
    });
}
