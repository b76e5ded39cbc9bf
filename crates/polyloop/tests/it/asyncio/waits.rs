//! `wait`, `as_completed` and `shield`.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    ReturnWhen, Task, TimedOut, as_completed, as_completed_tasks, create_named_task, create_task,
    shield, sleep, try_wait, wait, wait_for, yield_now,
};

use super::script::{Log, MS, py, py_list, queue_ticks, run, yield_times};

async fn ends(log: Log, name: &'static str, delay: Duration) -> &'static str {
    sleep(delay).await;
    log.push(format!("{name} ends"));
    name
}

fn task_that_ends(log: &Log, name: &'static str, delay: Duration) -> Task<&'static str> {
    create_named_task(name, ends(log.clone(), name, delay))
}

fn names<T>(tasks: &[Task<T>]) -> String {
    py_list(tasks.iter().map(Task::name))
}

pub(super) fn wait_awaiter_is_two_iterations_later(log: Log) {
    async fn work(log: Log, name: &str, yields: u32) {
        yield_times(yields).await;
        log.push(format!("{name} ends"));
    }
    run(async move {
        let tasks =
            [create_task(work(log.clone(), "a", 2)), create_task(work(log.clone(), "b", 1))];
        queue_ticks(&log, 5);
        wait(tasks, None, ReturnWhen::AllCompleted).await;
        log.push("awaiter");
        yield_times(2).await;
    });
}

pub(super) fn wait_first_completed(log: Log) {
    run(async move {
        let delays = [("a", MS * 150), ("b", MS * 50), ("c", MS * 250)];
        let mut pending = Vec::from(delays.map(|(name, delay)| task_that_ends(&log, name, delay)));
        while !pending.is_empty() {
            let waited = wait(pending, None, ReturnWhen::FirstCompleted).await;
            log.push(format!("done: {}", names(&waited.done)));
            log.push(format!("pending: {}", names(&waited.pending)));
            pending = waited.pending;
        }
    });
}

pub(super) fn wait_first_exception(log: Log) {
    async fn work(log: Log, name: &'static str, delay: u32) -> Result<(), &'static str> {
        ends(log, name, MS * delay).await;
        if name == "b" { Err(name) } else { Ok(()) }
    }
    run(async move {
        let tasks = [("a", 50), ("b", 150), ("c", 250)]
            .map(|(name, delay)| create_named_task(name, work(log.clone(), name, delay)));
        let waited = try_wait(tasks, None, ReturnWhen::FirstException).await;
        log.push(format!("done: {}", names(&waited.done)));
        log.push(format!("pending: {}", names(&waited.pending)));
        for task in waited.done {
            if let Err(error) = task.await.unwrap() {
                log.push(format!("error: {error}"));
            }
        }
        for task in waited.pending {
            task.await.unwrap().unwrap();
        }
    });
}

pub(super) fn wait_with_a_limit(log: Log) {
    run(async move {
        let [a, mut b] = [("a", MS * 50), ("b", MS * 250)]
            .map(|(name, delay)| task_that_ends(&log, name, delay));
        let waited = wait([&a, &b], MS * 150, ReturnWhen::AllCompleted).await;
        let [done, pending] =
            [waited.done, waited.pending].map(|tasks| py_list(tasks.iter().map(|t| t.name())));
        log.push(format!("done: {done}, pending: {pending}"));
        (&mut b).await.unwrap();
        log.push("end");
    });
}

pub(super) fn as_completed_in_order_of_ends(log: Log) {
    run(async move {
        let delays = [("a", MS * 150), ("b", MS * 50), ("c", MS * 100)];
        for next in as_completed(delays.map(|(name, delay)| ends(log.clone(), name, delay))) {
            log.push(format!("got {}", next.await.unwrap()));
        }
    });
}

pub(super) fn as_completed_with_a_limit(log: Log) {
    run(async move {
        let tasks = [("slow", MS * 250), ("quick", MS * 50)]
            .map(|(name, delay)| task_that_ends(&log, name, delay));
        let mut completed = as_completed_tasks(tasks).within(MS * 150);
        while let Some(next) = completed.next().await {
            match next {
                Ok(name) => log.push(format!("got {}", name.unwrap())),
                Err(TimedOut) => log.push("timed out"),
            }
        }
        log.push(completed.into_inner().next().await.unwrap().unwrap());
    });
}

pub(super) fn shield_awaiter_is_two_iterations_later(log: Log) {
    run(async move {
        let inside = log.clone();
        queue_ticks(&log, 4);
        let inner = async move {
            yield_now().await;
            inside.push("inner ends");
            "result"
        };
        log.push(shield(inner).await.unwrap());
        yield_times(2).await;
    });
}

/// A task is shielded from who awaits it by reference.
pub(super) fn shield_in_a_timeout(log: Log) {
    run(async move {
        let inside = log.clone();
        let mut task = create_task(async move {
            sleep(MS * 150).await;
            inside.push("inner ends");
            "result"
        });
        assert_eq!(wait_for(&mut task, MS * 50).await.unwrap_err(), TimedOut);
        log.push(format!("timed out, done: {}", py(task.done())));
        log.push(task.await.unwrap());
    });
}

pub(super) fn shield_outlives_its_awaiter(log: Log) {
    async fn join(task: Rc<RefCell<Task<()>>>) {
        let joined = std::future::poll_fn(|cx| Pin::new(&mut *task.borrow_mut()).poll(cx));
        joined.await.unwrap();
    }
    run(async move {
        let inside = log.clone();
        let task = Rc::new(RefCell::new(create_task(async move {
            inside.push("inner begins");
            sleep(MS * 150).await;
            inside.push("inner ends");
        })));
        let (outside, inner) = (log.clone(), task.clone());
        let awaiter = create_task(async move {
            let _cleanup = outside.finally("outer cleans up");
            join(inner).await;
        });
        sleep(MS * 50).await;
        awaiter.cancel();
        assert!(awaiter.await.unwrap_err().is_cancelled());
        log.push("outer cancelled");
        join(task).await;
        log.push("end");
    });
}
