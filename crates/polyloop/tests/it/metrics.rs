//! What a loop counts.

use std::time::{Duration, Instant};

use polyloop::{Loop, OpKind, Runner, call_soon, create_task, sleep, yield_now};

use crate::run;
use crate::streams::pair;

#[test]
fn iterations_callbacks_and_wake_ups_are_counted() {
    run(async {
        let here = Loop::current().unwrap();
        let before = here.metrics();
        (0..100).for_each(|_| drop(call_soon(|| {})));
        yield_now().await;
        yield_now().await;
        let after = here.metrics();
        assert!(after.callbacks >= before.callbacks + 100, "{before:?} {after:?}");
        assert!(after.callbacks_max >= 100);
        assert!((1..=3).contains(&(after.iterations - before.iterations)), "{before:?} {after:?}");
        let handle = here.handle();
        let posted = std::thread::spawn(move || handle.call_soon_threadsafe(|| {}).unwrap());
        while here.metrics().wake_ups == after.wake_ups {
            sleep(Duration::from_millis(1)).await;
        }
        posted.join().unwrap();
        assert_eq!(here.metrics().posts, after.posts + 1);
        assert!(here.metrics().turns > after.turns);
    });
}

#[test]
fn ops_in_flight_are_counted_by_kind() {
    run(async {
        let (mut client, server) = pair().await;
        let reader = create_task(async move { client.read(&mut [0; 8]).await });
        yield_now().await;
        yield_now().await;
        let metrics = Loop::current().unwrap().metrics();
        assert_eq!(metrics.ops_in_flight, [(OpKind::RecvMulti, 1)], "{metrics}");
        assert!(metrics.to_string().contains("\nops_in_flight.receive_multishot 1\n"));
        drop((reader, server));
    });
}

#[test]
fn the_lag_is_how_long_the_loop_was_busy() {
    let busy = Duration::from_millis(30);
    let future = async move {
        sleep(Duration::from_millis(60)).await;
        std::thread::sleep(busy);
        sleep(Duration::from_millis(1)).await;
    };
    let runner = Runner::builder().metrics(true).build().unwrap();
    let begin = Instant::now();
    runner.run(future).unwrap();
    std::thread::sleep(Duration::from_millis(60));
    runner.run(yield_now()).unwrap();
    runner.run(sleep(Duration::from_millis(1))).unwrap();
    let (lag, all) = (runner.event_loop().metrics().lag.unwrap(), begin.elapsed());
    assert!(lag.max() >= busy && lag.busy() >= lag.max(), "{lag:?}");
    let waited = Duration::from_millis(120);
    assert!(lag.busy() + waited <= all, "waiting is not lag: {lag:?} of {all:?}");
    assert!(lag.mean() <= lag.max());
    if let Some(median) = lag.quantile(0.5) {
        assert!(median < busy);
        assert!(lag.quantile(1.0).unwrap() >= busy);
    }
}

#[test]
fn no_times_are_taken_unless_asked_for() {
    run(async {
        let here = Loop::current().unwrap();
        assert!(here.metrics().lag.is_none());
        here.start_metrics();
        sleep(Duration::from_millis(1)).await;
        assert!(here.metrics().lag.is_some());
    });
}
