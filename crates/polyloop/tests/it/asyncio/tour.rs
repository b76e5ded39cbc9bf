//! The lessons of a first tour.

use std::time::Duration;

use polyloop::{create_task, gather, sleep, wait_for, yield_now};

use super::script::{LONG, Log, MS, py_list, run};

pub(super) fn tour_hello_after_a_sleep(log: Log) {
    run(async move {
        log.push("hello");
        sleep(MS * 50).await;
        log.push("world");
    });
}

pub(super) fn tour_two_sleeps_gathered(log: Log) {
    async fn nap(log: Log, name: &str, delay: Duration) -> &str {
        log.push(format!("{name} starts"));
        sleep(delay).await;
        log.push(format!("{name} ends"));
        name
    }
    run(async move {
        let naps = [nap(log.clone(), "long", MS * 150), nap(log.clone(), "short", MS * 50)];
        log.push(py_list(gather(naps).await.unwrap()));
    });
}

pub(super) fn tour_three_lookups(log: Log) {
    async fn look_up(log: Log, name: &str, steps: u32) -> String {
        for step in 1..=steps {
            log.push(format!("{name}: step {step}"));
            yield_now().await;
        }
        log.push(format!("{name}: found"));
        format!("{name}={steps}")
    }
    run(async move {
        let look_ups = [("ada", 3), ("bob", 2), ("cleo", 1)]
            .map(|(name, steps)| look_up(log.clone(), name, steps));
        log.push(gather(look_ups).await.unwrap().join(", "));
    });
}

pub(super) fn tour_wait_for_times_out(log: Log) {
    async fn slow(log: Log) {
        let _cleanup = log.finally("slow cleans up");
        log.push("slow starts");
        sleep(LONG).await;
        log.push("slow ends");
    }
    run(async move {
        if wait_for(slow(log.clone()), MS * 50).await.is_err() {
            log.push("timed out");
        }
    });
}

pub(super) fn tour_in_turn_or_as_tasks(log: Log) {
    async fn say(log: Log, word: &str, delay: Duration) {
        log.push(format!("{word} starts"));
        sleep(delay).await;
        log.push(format!("{word} ends"));
    }
    run(async move {
        log.push("in turn");
        say(log.clone(), "one", MS * 100).await;
        say(log.clone(), "two", MS * 50).await;
        log.push("as tasks");
        let one = create_task(say(log.clone(), "one", MS * 100));
        let two = create_task(say(log.clone(), "two", MS * 50));
        one.await.unwrap();
        two.await.unwrap();
    });
}
