//! Cancelling: where it takes effect, and who is told when. `finally` is a guard here.

use std::cell::RefCell;
use std::rc::Rc;

use polyloop::{Task, call_soon, create_task, gather, sleep, yield_now};

use super::script::{LONG, Log, MS, py, run};

/// Sleeps for long, and cleans up when it is cancelled.
async fn work(log: Log, cleanup: impl Into<String>) {
    let _cleanup = log.finally(cleanup);
    sleep(LONG).await;
}

async fn await_cancelled<T>(log: &Log, task: Task<T>) {
    assert!(task.await.is_err_and(|error| error.is_cancelled()));
    log.push("awaiter told");
}

pub(super) fn cancel_before_the_start(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move { inside.push("never") });
        let told = log.clone();
        task.add_done_callback(move |report| {
            let cancelled = report.outcome == polyloop::Outcome::Cancelled;
            told.push(format!("callback: {}", py(cancelled)));
        });
        log.push(format!("cancel: {}, done: {}", py(task.cancel()), py(task.done())));
        call_soon(log.line("soon"));
        await_cancelled(&log, task).await;
        log.push("cancelled: True");
    });
}

pub(super) fn cancel_while_it_sleeps(log: Log) {
    run(async move {
        let task = create_task(work(log.clone(), "cleans up"));
        task.add_done_callback(log.done_line("callback"));
        yield_now().await;
        call_soon(log.line("soon before"));
        log.push(format!("cancel: {}", py(task.cancel())));
        call_soon(log.line("soon behind"));
        await_cancelled(&log, task).await;
    });
}

pub(super) fn cancel_while_it_is_ready(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move {
            let _cleanup = inside.finally("cleans up");
            yield_now().await;
            inside.push("never");
        });
        yield_now().await;
        call_soon(log.line("behind the task"));
        log.push(format!("cancel: {}", py(task.cancel())));
        await_cancelled(&log, task).await;
    });
}

pub(super) fn cancel_of_a_finished_task(log: Log) {
    fn tell(log: &Log, task: &Task<u32>) {
        let (done, cancel) = (py(task.done()), py(task.cancel()));
        log.push(format!("done: {done}, cancel: {cancel}, cancelled: {}", py(task.cancelled())));
    }
    run(async move {
        let task = create_task(async { 1 });
        yield_now().await;
        tell(&log, &task);
        log.push(task.await.unwrap().to_string());
        let task = create_task(async { 1 });
        task.cancel();
        yield_now().await;
        tell(&log, &task);
    });
}

/// Gives a task its own handle.
type Own<T> = Rc<RefCell<Option<Task<T>>>>;

fn cancel_own<T>(own: &Own<T>) -> bool {
    own.borrow().as_ref().unwrap().cancel()
}

pub(super) fn cancel_of_itself(log: Log) {
    run(async move {
        let own: Own<()> = Rc::default();
        let (inside, me) = (log.clone(), own.clone());
        own.replace(Some(create_task(async move {
            inside.push(format!("cancel: {}", py(cancel_own(&me))));
            inside.push("goes on until it waits");
            let _cleanup = inside.finally("cleans up");
            yield_now().await;
            inside.push("never");
        })));
        call_soon(log.line("behind the task"));
        yield_now().await;
        let task = own.take().unwrap();
        await_cancelled(&log, task).await;
    });
}

pub(super) fn cancel_of_itself_at_the_end(log: Log) {
    run(async move {
        let own: Own<&str> = Rc::default();
        let (inside, me) = (log.clone(), own.clone());
        own.replace(Some(create_task(async move {
            inside.push(format!("cancel: {}", py(cancel_own(&me))));
            "result"
        })));
        yield_now().await;
        let task = own.take().unwrap();
        log.push(task.await.unwrap_or("cancelled"));
    });
}

pub(super) fn cancel_twice(log: Log) {
    run(async move {
        let task = create_task(work(log.clone(), "cleans up"));
        task.add_done_callback(log.done_line("callback"));
        yield_now().await;
        log.push(format!("first: {}, second: {}", py(task.cancel()), py(task.cancel())));
        yield_now().await;
        log.push(format!("done: {}, third: {}", py(task.done()), py(task.cancel())));
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn cancel_of_several(log: Log) {
    run(async move {
        let [a, b, c] = ["a", "b", "c"].map(|name| {
            let task = create_task(work(log.clone(), format!("{name} cleans up")));
            let told = log.line(format!("callback {name}"));
            task.add_done_callback(move |_| told());
            task
        });
        yield_now().await;
        for task in [c, a, b] {
            task.cancel();
        }
        log.push("requested");
        yield_now().await;
        log.push("one iteration later");
        yield_now().await;
        log.push("two iterations later");
    });
}

pub(super) fn cancel_cleans_up_from_inside(log: Log) {
    async fn outer(log: Log) {
        let _outermost = log.finally("outermost cleans up");
        let _outer = log.finally("outer cleans up");
        work(log.clone(), "inner cleans up").await;
    }
    run(async move {
        let task = create_task(outer(log.clone()));
        yield_now().await;
        task.cancel();
        await_cancelled(&log, task).await;
    });
}

/// A handle that is dropped lets its task run on, so the twin cancels it when it is dropped.
struct CancelOnDrop<T>(Task<T>);

impl<T> Drop for CancelOnDrop<T> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

pub(super) fn cancel_of_the_awaiter_of_a_task(log: Log) {
    async fn outer(log: Log) {
        let _cleanup = log.finally("outer cleans up");
        let mut inner = CancelOnDrop(create_task(work(log.clone(), "inner cleans up")));
        let _ = (&mut inner.0).await;
    }
    run(async move {
        let task = create_task(outer(log.clone()));
        sleep(MS * 50).await;
        task.cancel();
        await_cancelled(&log, task).await;
        sleep(MS * 50).await;
    });
}

pub(super) fn cancel_of_a_gather(log: Log) {
    async fn outer(log: Log) {
        let _cleanup = log.finally("outer cleans up");
        let members = ["a", "b"].map(|name| work(log.clone(), format!("{name} cleans up")));
        let _ = gather(members).await;
    }
    run(async move {
        let task = create_task(outer(log.clone()));
        sleep(MS * 50).await;
        task.cancel();
        await_cancelled(&log, task).await;
        sleep(MS * 50).await;
    });
}

pub(super) fn cancel_races_with_the_end(log: Log) {
    run(async move {
        let inside = log.clone();
        let ready = create_task(async move {
            yield_now().await;
            inside.push("ready");
        });
        let inside = log.clone();
        let task = create_task(async move {
            let _cleanup = inside.finally("cleans up");
            ready.await.unwrap();
            inside.push("never");
        });
        yield_now().await;
        yield_now().await;
        log.push(format!("cancel: {}", py(task.cancel())));
        await_cancelled(&log, task).await;
    });
}

pub(super) fn cancel_with_a_message(log: Log) {
    run(async move {
        let task = create_task(sleep(LONG));
        yield_now().await;
        task.cancel_with("enough");
        let error = task.await.unwrap_err();
        log.push(format!("told: {}", error.message().unwrap()));
    });
}
