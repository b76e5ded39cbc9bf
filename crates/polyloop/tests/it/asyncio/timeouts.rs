//! Deadlines: when they take effect, and what is ready then.

use std::time::Duration;

use polyloop::{call_later, call_soon, create_task, gather, sleep, timeout, wait_for, yield_now};

use super::script::{LONG, Log, MS, block, py, run};

async fn sleep_long(log: Log) {
    let _cleanup = log.finally("cleans up");
    sleep(LONG).await;
}

async fn work(log: Log) -> &'static str {
    log.push("work begins");
    yield_now().await;
    log.push("work ends");
    "result"
}

pub(super) fn timeout_keeps_a_quick_result(log: Log) {
    run(async move {
        let guarded = async {
            sleep(MS * 50).await;
            log.push("slept");
        };
        timeout(MS * 150, guarded).await.unwrap();
        log.push("left");
        sleep(MS * 200).await;
        log.push("the deadline has passed");
    });
}

pub(super) fn timeout_expires(log: Log) {
    run(async move {
        call_later(MS * 50, log.line("before the deadline"));
        if timeout(MS * 150, sleep_long(log.clone())).await.is_err() {
            log.push("timed out");
        }
        call_soon(log.line("soon"));
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn timeout_and_a_timer(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move {
            if timeout(MS * 10, sleep_long(inside.clone())).await.is_err() {
                inside.push("timed out");
            }
        });
        yield_now().await;
        call_later(MS * 12, log.line("timer"));
        block(30);
        log.push("held up");
        task.await.unwrap();
        log.push("end");
    });
}

pub(super) fn timeout_nested_inner_first(log: Log) {
    run(async move {
        let outer = async {
            if timeout(MS * 50, sleep(LONG)).await.is_err() {
                log.push("inner timed out");
            }
            sleep(MS * 50).await;
            log.push("outer goes on");
        };
        timeout(MS * 250, outer).await.unwrap();
        log.push("end");
    });
}

pub(super) fn timeout_nested_outer_first(log: Log) {
    run(async move {
        let outer = async {
            if timeout(MS * 250, sleep_long(log.clone())).await.is_err() {
                log.push("never");
            }
            log.push("never either");
        };
        if timeout(MS * 50, outer).await.is_err() {
            log.push("outer timed out");
        }
        log.push("end");
    });
}

pub(super) fn timeout_of_zero(log: Log) {
    run(async move {
        call_soon(log.line("soon before"));
        let guarded = async {
            call_soon(log.line("soon inside"));
            log.push("inside");
            sleep(LONG).await;
            log.push("never");
        };
        if timeout(Duration::ZERO, guarded).await.is_err() {
            log.push("timed out");
        }
        timeout(Duration::ZERO, async { log.push("nothing to wait for") }).await.unwrap();
        log.push("end");
    });
}

pub(super) fn timeout_when_the_result_is_ready(log: Log) {
    run(async move {
        let inside = log.clone();
        let guarded = create_task(async move {
            let slept = async {
                sleep(MS * 10).await;
                inside.push("slept");
            };
            if timeout(MS * 12, slept).await.is_err() {
                inside.push("timed out");
            }
        });
        yield_now().await;
        block(40);
        guarded.await.unwrap();
    });
}

pub(super) fn wait_for_without_a_limit(log: Log) {
    run(async move {
        call_soon(log.line("soon"));
        log.push(wait_for(work(log.clone()), None).await.unwrap());
    });
}

pub(super) fn wait_for_runs_at_home(log: Log) {
    run(async move {
        call_soon(log.line("soon"));
        log.push(wait_for(work(log.clone()), MS * 1000).await.unwrap());
        call_soon(log.line("soon again"));
        log.push("end");
        yield_now().await;
    });
}

pub(super) fn wait_for_zero(log: Log) {
    run(async move {
        let begins = log.clone();
        let work = async move {
            begins.push("work begins");
            sleep(LONG).await;
            begins.push("never");
        };
        if wait_for(work, Duration::ZERO).await.is_err() {
            log.push("timed out");
        }
    });
}

pub(super) fn wait_for_in_several_tasks(log: Log) {
    async fn limited(log: Log, name: &str, delay: Duration, limit: Duration) {
        match wait_for(sleep(delay), limit).await {
            Ok(()) => log.push(format!("{name} ends")),
            Err(_) => log.push(format!("{name} times out")),
        }
    }
    run(async move {
        let members = [("a", 250, 150), ("b", 50, 200), ("c", 300, 100)]
            .map(|(name, delay, limit)| limited(log.clone(), name, MS * delay, MS * limit));
        gather(members).await.unwrap();
    });
}

pub(super) fn wait_for_a_task(log: Log) {
    run(async move {
        let inside = log.clone();
        let mut task = create_task(async move {
            let _cleanup = inside.finally("work cleans up");
            sleep(LONG).await;
        });
        // A task whose handle is given up runs on: here its owner ends it.
        if wait_for(&mut task, MS * 50).await.is_err() {
            task.cancel();
            let cancelled = task.await.is_err_and(|error| error.is_cancelled());
            log.push(format!("timed out, cancelled: {}", py(cancelled)));
        }
    });
}
