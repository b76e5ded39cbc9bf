//! Waiting for tasks without ending them: shield, wait, as_completed.

use std::time::Duration;

use polyloop::{
    ReturnWhen, Task, as_completed, as_completed_tasks, create_named_task, create_task, shield,
    sleep, time, timeout_at, try_wait, wait, wait_for, yield_now,
};

use super::script::{Log, MS, py, py_list, queue_ticks, run, yield_times};

async fn work(log: Log, name: &'static str, delay: Duration) -> &'static str {
    sleep(delay).await;
    log.push(format!("{name} ends"));
    name
}

fn start(log: &Log, name: &'static str, milliseconds: u32) -> Task<&'static str> {
    create_named_task(name, work(log.clone(), name, MS * milliseconds))
}

fn names<T>(tasks: &[T], name: impl Fn(&T) -> String) -> String {
    let mut names: Vec<String> = tasks.iter().map(name).collect();
    names.sort();
    py_list(names)
}

pub(super) fn shield_outlives_its_awaiter(log: Log) {
    async fn inner(log: Log) {
        log.push("inner begins");
        sleep(MS * 150).await;
        log.push("inner ends");
    }
    run(async move {
        let inside = log.clone();
        let awaiter = create_task(async move {
            let _cleanup = inside.finally("outer cleans up");
            shield(inner(inside.clone())).await
        });
        sleep(MS * 50).await;
        awaiter.cancel();
        if awaiter.await.is_err() {
            log.push("outer cancelled");
        }
        // The shield has the only handle, so the twin waits for the time instead of the task.
        sleep(MS * 200).await;
        log.push("end");
    });
}

pub(super) fn shield_awaiter_is_two_iterations_later(log: Log) {
    run(async move {
        queue_ticks(&log, 4);
        let inside = log.clone();
        let inner = async move {
            yield_now().await;
            inside.push("inner ends");
            "result"
        };
        log.push(shield(inner).await.unwrap());
        yield_times(2).await;
    });
}

pub(super) fn shield_in_a_timeout(log: Log) {
    run(async move {
        let inside = log.clone();
        let mut shielded = shield(async move {
            sleep(MS * 150).await;
            inside.push("inner ends");
            "result"
        });
        if wait_for(&mut shielded, MS * 50).await.is_err() {
            log.push("timed out, done: False");
        }
        log.push(shielded.await.unwrap());
    });
}

pub(super) fn wait_first_completed(log: Log) {
    run(async move {
        let mut pending = vec![start(&log, "a", 150), start(&log, "b", 50), start(&log, "c", 250)];
        while !pending.is_empty() {
            let waited = wait(pending, None, ReturnWhen::FirstCompleted).await;
            log.push(format!("done: {}", names(&waited.done, Task::name)));
            log.push(format!("pending: {}", names(&waited.pending, Task::name)));
            pending = waited.pending;
        }
    });
}

pub(super) fn wait_first_exception(log: Log) {
    async fn member(
        log: Log,
        name: &'static str,
        delay: u32,
        fails: bool,
    ) -> Result<(), &'static str> {
        work(log, name, MS * delay).await;
        if fails { Err(name) } else { Ok(()) }
    }
    run(async move {
        let tasks =
            [("a", 50, false), ("b", 150, true), ("c", 250, false)].map(|(name, delay, fails)| {
                create_named_task(name, member(log.clone(), name, delay, fails))
            });
        let waited = try_wait(tasks, None, ReturnWhen::FirstException).await;
        log.push(format!("done: {}", names(&waited.done, Task::name)));
        log.push(format!("pending: {}", names(&waited.pending, Task::name)));
        for task in waited.done {
            if let Err(name) = task.await.unwrap() {
                log.push(format!("error: {name}"));
            }
        }
        for task in waited.pending {
            task.await.unwrap().unwrap();
        }
    });
}

pub(super) fn wait_with_a_limit(log: Log) {
    run(async move {
        let tasks = [start(&log, "a", 50), start(&log, "b", 250)];
        let waited = wait(tasks, MS * 150, ReturnWhen::AllCompleted).await;
        let done = names(&waited.done, Task::name);
        log.push(format!("done: {done}, pending: {}", names(&waited.pending, Task::name)));
        for task in waited.pending {
            task.await.unwrap();
        }
        log.push("end");
    });
}

pub(super) fn wait_awaiter_is_two_iterations_later(log: Log) {
    run(async move {
        let tasks = [("a", 2), ("b", 1)].map(|(name, yields)| {
            let log = log.clone();
            create_task(async move {
                yield_times(yields).await;
                log.push(format!("{name} ends"));
            })
        });
        queue_ticks(&log, 5);
        wait(&tasks, None, ReturnWhen::AllCompleted).await;
        log.push("awaiter");
        yield_times(2).await;
    });
}

pub(super) fn as_completed_in_order_of_ends(log: Log) {
    run(async move {
        let futures =
            [("a", 150), ("b", 50), ("c", 100)].map(|(name, n)| work(log.clone(), name, MS * n));
        for next in as_completed(futures) {
            log.push(format!("got {}", next.await.unwrap()));
        }
    });
}

pub(super) fn as_completed_with_a_limit(log: Log) {
    run(async move {
        let slow = start(&log, "slow", 250);
        let mut completed = as_completed_tasks([slow, start(&log, "quick", 50)]);
        let deadline = time() + MS * 150;
        while let Ok(Some(name)) = timeout_at(deadline, completed.next()).await {
            log.push(format!("got {}", name.unwrap()));
        }
        log.push("timed out");
        log.push(completed.next().await.unwrap().unwrap());
    });
}

pub(super) fn tasks_current(log: Log) {
    fn tell(log: &Log) {
        log.push(format!("current: {}", polyloop::current_task().unwrap().name()));
        log.push(format!("all: {}", names(&polyloop::all_tasks(), |task| task.name())));
    }
    run(async move {
        polyloop::current_task().unwrap().set_name("root");
        let inside = log.clone();
        create_named_task("worker", async move { tell(&inside) }).await.unwrap();
        tell(&log);
    });
}

pub(super) fn tasks_eager(log: Log) {
    run(async move {
        let inside = log.clone();
        let one = polyloop::create_eager_task(async move {
            inside.push("quick runs");
            "quick"
        });
        log.push(format!("quick made, done: {}", py(one.done())));
        let inside = log.clone();
        let two = polyloop::create_eager_task(async move {
            inside.push("slow begins");
            yield_now().await;
            inside.push("slow ends");
            "slow"
        });
        log.push(format!("slow made, done: {}", py(two.done())));
        log.push(one.await.unwrap());
        log.push(two.await.unwrap());
    });
}
