//! Gathers: results, errors, and how many iterations they take.

use std::time::Duration;

use polyloop::{
    TaskError, call_later, call_soon, create_task, gather, gather_results, gather_tasks, sleep,
    try_gather, yield_now,
};

use super::script::{LONG, Log, MS, block, py_list, queue_ticks, run, yield_times};

/// What a member raises; a member that is cancelled raises too.
#[derive(Debug)]
struct Raised(&'static str);

impl From<TaskError> for Raised {
    fn from(_: TaskError) -> Raised {
        Raised("cancelled")
    }
}

async fn sleeps_and_ends(log: Log, name: &'static str, delay: Duration) -> &'static str {
    sleep(delay).await;
    log.push(format!("{name} ends"));
    name
}

async fn yields_and_ends(log: Log, name: &'static str, yields: u32) -> &'static str {
    yield_times(yields).await;
    log.push(format!("{name} ends"));
    name
}

pub(super) fn gather_in_order(log: Log) {
    run(async move {
        let members = [("slow", 150), ("quick", 50), ("medium", 100)]
            .map(|(name, delay)| sleeps_and_ends(log.clone(), name, MS * delay));
        log.push(py_list(gather(members).await.unwrap()));
    });
}

pub(super) fn gather_awaiter_is_two_iterations_later(log: Log) {
    run(async move {
        queue_ticks(&log, 6);
        let (a, b) = (yields_and_ends(log.clone(), "a", 2), yields_and_ends(log.clone(), "b", 1));
        polyloop::gather!(a, b).await.unwrap();
        log.push("awaiter");
        yield_times(3).await;
    });
}

pub(super) fn gather_first_error(log: Log) {
    async fn member(log: Log, bad: bool) -> Result<(), Raised> {
        sleep(MS * if bad { 50 } else { 150 }).await;
        log.push(if bad { "bad raises" } else { "good ends" });
        if bad { Err(Raised("bad")) } else { Ok(()) }
    }
    run(async move {
        let members = [false, true].map(|bad| member(log.clone(), bad));
        if let Err(Raised(error)) = try_gather(members).await {
            log.push(format!("gather: {error}"));
        }
        sleep(MS * 200).await;
        log.push("end");
    });
}

pub(super) fn gather_two_errors_at_once(log: Log) {
    async fn bad(log: Log, name: &'static str, signal: polyloop::Task<()>) -> Result<(), Raised> {
        signal.await?;
        log.push(format!("{name} raises"));
        Err(Raised(name))
    }
    run(async move {
        let first = create_task(sleep(MS * 10));
        let second = create_task(sleep(MS * 10));
        yield_now().await;
        block(30);
        let members = [bad(log.clone(), "a", second), bad(log.clone(), "b", first)];
        if let Err(Raised(error)) = try_gather(members).await {
            log.push(format!("gather: {error}"));
        }
    });
}

pub(super) fn gather_every_outcome(log: Log) {
    async fn member(
        log: Log,
        (name, delay, fails): (&'static str, u32, bool),
    ) -> Result<&'static str, Raised> {
        sleeps_and_ends(log, name, MS * delay).await;
        if fails { Err(Raised(name)) } else { Ok(name) }
    }
    run(async move {
        let members = [("a", 150, false), ("b", 50, true), ("c", 100, false)]
            .map(|what| member(log.clone(), what));
        for outcome in gather_results(members).await {
            match outcome.unwrap() {
                Ok(name) => log.push(format!("result {name}")),
                Err(Raised(name)) => log.push(format!("error {name}")),
            }
        }
    });
}

pub(super) fn gather_of_nothing(log: Log) {
    run(async move {
        call_soon(log.line("soon"));
        let nothing: [std::future::Ready<&str>; 0] = [];
        log.push(py_list(gather(nothing).await.unwrap()));
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn gather_nested(log: Log) {
    async fn leaf(log: Log, name: String, yields: u32) -> String {
        for n in 0..yields {
            log.push(format!("{name}{n}"));
            yield_now().await;
        }
        name
    }
    async fn branch(log: Log, name: &str) -> String {
        let leaves = [("x", 2), ("y", 1)]
            .map(|(leaf_name, yields)| leaf(log.clone(), format!("{name}{leaf_name}"), yields));
        let found = gather(leaves).await.unwrap();
        log.push(format!("branch {name}: {}", py_list(&found)));
        found.concat()
    }
    run(async move {
        let branches = ["a", "b"].map(|name| branch(log.clone(), name));
        log.push(py_list(gather(branches).await.unwrap()));
    });
}

pub(super) fn gather_of_tasks(log: Log) {
    run(async move {
        let one = create_task(yields_and_ends(log.clone(), "one", 1));
        let two = create_task(yields_and_ends(log.clone(), "two", 2));
        queue_ticks(&log, 6);
        log.push(py_list(gather_tasks([one, two]).await.unwrap()));
        yield_times(4).await;
    });
}

pub(super) fn gather_with_a_cancelled_member(log: Log) {
    async fn work(log: Log, name: &str, delay: Duration) {
        let _cleanup = log.finally(format!("{name} cleans up"));
        sleep(delay).await;
        log.push(format!("{name} ends"));
    }
    run(async move {
        let victim = create_task(work(log.clone(), "victim", LONG));
        let victim = std::rc::Rc::new(std::cell::RefCell::new(victim));
        let (cancels, target) = (log.line("cancels"), victim.clone());
        call_later(MS * 50, move || {
            cancels();
            target.borrow().cancel();
        });
        let other = work(log.clone(), "other", MS * 150);
        let joined =
            std::future::poll_fn(move |cx| std::pin::Pin::new(&mut *victim.borrow_mut()).poll(cx));
        type Member = std::pin::Pin<Box<dyn Future<Output = Result<(), TaskError>>>>;
        let members: [Member; 2] = [
            Box::pin(async move {
                other.await;
                Ok(())
            }),
            Box::pin(joined),
        ];
        if try_gather(members).await.is_err_and(|error: TaskError| error.is_cancelled()) {
            log.push("gather cancelled");
        }
        sleep(MS * 200).await;
    });
}
