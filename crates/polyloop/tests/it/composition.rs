use std::time::Duration;

use polyloop::{
    TaskError, TimedOut, create_task, gather, gather_results, sleep, time, timeout, timeout_at,
    try_gather, wait_for, yield_now,
};

use crate::{Log, run};

const MS: Duration = Duration::from_millis(1);

/// Longer than any test may take, so whoever waits for it has failed.
const LONG: Duration = Duration::from_secs(3600);

async fn after<T>(delay: Duration, value: T) -> T {
    sleep(delay).await;
    value
}

#[test]
fn gather_keeps_the_order_and_all_run_at_once() {
    run(async {
        let log = Log::default();
        let futures = [30, 10, 20].map(|n| {
            let log = log.clone();
            async move {
                log.push(format!("begin {n}"));
                sleep(MS * n).await;
                log.push(format!("end {n}"));
                n
            }
        });
        assert_eq!(gather(futures).await.unwrap(), [30, 10, 20]);
        let expected = ["begin 30", "begin 10", "begin 20", "end 10", "end 20", "end 30"];
        assert_eq!(log.take(), expected);
    });
}

#[test]
fn gather_of_nothing_is_nothing() {
    run(async {
        let none: [std::future::Ready<()>; 0] = [];
        assert_eq!(gather(none).await.unwrap(), []);
    });
}

#[test]
fn the_macro_gathers_mixed_types() {
    run(async {
        let result = polyloop::gather!(after(MS, 1u8), async { "two" }, async { 3.0 });
        assert_eq!(result.await.unwrap(), (1, "two", 3.0));
    });
}

#[test]
fn the_first_panic_ends_a_gather_and_the_others_run_on() {
    run(async {
        let log = Log::default();
        let told = log.clone();
        let slow = async move {
            sleep(MS * 5).await;
            told.push("ran on");
        };
        let error = polyloop::gather!(slow, async { panic!("bad") }).await.unwrap_err();
        assert!(error.is_panic());
        sleep(MS * 10).await;
        assert_eq!(log.take(), ["ran on"]);
    });
}

#[test]
fn try_gather_gives_the_first_failure_at_once() {
    #[derive(Debug, PartialEq)]
    struct Failed(&'static str);
    impl From<TaskError> for Failed {
        fn from(_: TaskError) -> Failed {
            Failed("task")
        }
    }
    run(async {
        let futures = [(LONG, Ok(1)), (MS * 5, Err(Failed("first"))), (LONG, Err(Failed("last")))]
            .map(|(delay, result)| after(delay, result));
        assert_eq!(try_gather(futures).await, Err(Failed("first")));
        let fine = [1, 2].map(|n| async move { Ok::<_, Failed>(n) });
        assert_eq!(try_gather(fine).await, Ok(vec![1, 2]));
    });
}

#[test]
fn gather_results_gives_how_each_ended() {
    run(async {
        let futures = [1, 2, 3].map(|n| async move {
            yield_now().await;
            assert_ne!(n, 2, "two is bad");
            n
        });
        let results = gather_results(futures).await;
        assert_eq!(*results[0].as_ref().unwrap(), 1);
        assert!(results[1].as_ref().unwrap_err().is_panic());
        assert_eq!(*results[2].as_ref().unwrap(), 3);
    });
}

#[test]
fn dropping_a_gather_cancels_its_tasks() {
    run(async {
        let before = polyloop::Loop::current().unwrap().task_count();
        let gathered = gather([1, 2, 3].map(|_| std::future::pending::<()>()));
        yield_now().await;
        assert_eq!(polyloop::Loop::current().unwrap().task_count(), before + 3);
        drop(gathered);
        yield_now().await;
        assert_eq!(polyloop::Loop::current().unwrap().task_count(), before);
    });
}

#[test]
fn wait_for_gives_the_result_or_times_out() {
    run(async {
        assert_eq!(wait_for(after(MS, 1), LONG).await, Ok(1));
        assert_eq!(wait_for(after(LONG, 1), MS).await, Err(TimedOut));
        assert_eq!(wait_for(after(MS, 1), None).await, Ok(1));
        let error: polyloop::Error = TimedOut.into();
        assert_eq!(error.kind(), polyloop::ErrorKind::TimedOut);
    });
}

#[test]
fn a_result_that_is_ready_at_the_deadline_is_kept() {
    run(async {
        // Block past both: the sleep's timer was made first and is due too.
        let guarded = create_task(timeout(MS * 3, after(MS * 2, "kept")));
        yield_now().await;
        std::thread::sleep(MS * 10);
        assert_eq!(guarded.await.unwrap(), Ok("kept"));
    });
}

#[test]
fn the_earliest_enclosing_deadline_takes_effect() {
    run(async {
        let inner = timeout(LONG, std::future::pending::<()>());
        assert_eq!(timeout(MS * 3, inner).await, Err(TimedOut));
        let inner = timeout(MS * 3, std::future::pending::<()>());
        assert_eq!(timeout(LONG, inner).await, Ok(Err(TimedOut)));
        assert_eq!(timeout_at(time(), std::future::pending::<()>()).await, Err(TimedOut));
    });
}

#[test]
fn a_zero_timeout_still_polls_once() {
    run(async {
        assert_eq!(timeout(Duration::ZERO, async { 1 }).await, Ok(1));
        assert_eq!(timeout(Duration::ZERO, std::future::pending::<()>()).await, Err(TimedOut));
    });
}
