//! Futures that somebody sets.

use polyloop::{FutureError, LoopFuture, call_soon, create_future, create_task, yield_now};

use super::script::{Log, py, run};

pub(super) fn future_callbacks(log: Log) {
    async fn waiter(log: Log, name: &str, future: LoopFuture<&str>) {
        let result = future.await.unwrap();
        log.push(format!("{name}: {result}"));
    }
    run(async move {
        let future = create_future();
        let callback = |name: &'static str| {
            let line = log.line(name);
            move |_: &LoopFuture<&str>| line()
        };
        future.add_done_callback(callback("callback 1"));
        let one = create_task(waiter(log.clone(), "one", future.clone()));
        let two = create_task(waiter(log.clone(), "two", future.clone()));
        yield_now().await;
        future.add_done_callback(callback("callback 2"));
        future.set_result("result").unwrap();
        if future.set_result("again").is_err() {
            log.push("invalid state");
        }
        one.await.unwrap();
        two.await.unwrap();
    });
}

pub(super) fn future_cancelled(log: Log) {
    async fn waiter(log: Log, future: LoopFuture<()>) -> Result<(), FutureError> {
        let result = future.await;
        if result.as_ref().is_err_and(FutureError::is_cancelled) {
            log.push("waiter told");
        }
        result
    }
    run(async move {
        let future = create_future();
        let told = log.clone();
        future.add_done_callback(move |future| {
            told.push(format!("callback: {}", py(future.cancelled())));
        });
        let task = create_task(waiter(log.clone(), future.clone()));
        yield_now().await;
        let (cancelled, again) = (future.cancel(), future.cancel());
        log.push(format!("cancel: {}, again: {}", py(cancelled), py(again)));
        if task.await.unwrap().is_err_and(|error| error.is_cancelled()) {
            log.push("awaiter told");
        }
    });
}

pub(super) fn future_set_then_awaited(log: Log) {
    run(async move {
        let future = create_future();
        let (setter, set) = (future.clone(), log.clone());
        call_soon(move || {
            setter.set_result("result").unwrap();
            set.push("set");
            call_soon(set.line("soon behind the set"));
        });
        log.push(future.clone().await.unwrap());
        call_soon(log.line("soon again"));
        log.push(future.await.unwrap());
        yield_now().await;
    });
}
