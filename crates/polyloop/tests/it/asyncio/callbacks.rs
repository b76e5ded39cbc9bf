//! Callbacks and their handles.

use std::time::Duration;

use polyloop::{Loop, call_later, call_soon, create_task, sleep, yield_now};

use super::script::{Log, MS, py, run, yield_times};

pub(super) fn callbacks_in_order(log: Log) {
    run(async move {
        for name in ["a", "b", "c"] {
            call_soon(log.line(name));
        }
        log.push("queued");
        yield_now().await;
        log.push("resumed");
    });
}

pub(super) fn callbacks_nested(log: Log) {
    fn outer(log: Log, name: &'static str) {
        log.push(format!("outer {name}"));
        call_soon(move || inner(log, name));
    }
    fn inner(log: Log, name: &str) {
        log.push(format!("inner {name}"));
        call_soon(log.line(format!("innermost {name}")));
    }
    run(async move {
        for name in ["a", "b"] {
            let log = log.clone();
            call_soon(move || outer(log, name));
        }
        for n in 0..4 {
            yield_now().await;
            log.push(format!("iteration {n}"));
        }
    });
}

pub(super) fn callbacks_cancelled(log: Log) {
    run(async move {
        let never = call_soon(log.line("never"));
        never.cancel();
        log.push(format!("cancelled: {}", py(never.cancelled())));
        let slot = std::rc::Rc::new(std::cell::RefCell::new(None::<polyloop::Handle>));
        let (cancels, next) = (log.line("cancels the next"), slot.clone());
        call_soon(move || {
            cancels();
            next.borrow().as_ref().unwrap().cancel();
        });
        let following = call_soon(log.line("cancelled in its own iteration"));
        slot.replace(Some(following.clone()));
        let kept = call_soon(log.line("kept"));
        yield_now().await;
        kept.cancel();
        let (following, kept) = (py(following.cancelled()), py(kept.cancelled()));
        log.push(format!("following: {following}, kept: {kept}"));
        never.cancel();
        log.push("cancelling again changes nothing");
    });
}

pub(super) fn callbacks_and_tasks_share_a_queue(log: Log) {
    async fn step(log: Log, name: &str) {
        log.push(format!("task {name} begins"));
        yield_now().await;
        log.push(format!("task {name} ends"));
    }
    run(async move {
        call_soon(log.line("callback 1"));
        let one = create_task(step(log.clone(), "one"));
        call_soon(log.line("callback 2"));
        let two = create_task(step(log.clone(), "two"));
        call_soon(log.line("callback 3"));
        one.await.unwrap();
        log.push("awaited one");
        two.await.unwrap();
        log.push("awaited two");
    });
}

pub(super) fn callbacks_that_raise(log: Log) {
    run(async move {
        let handled = log.clone();
        Loop::current().unwrap().set_exception_handler(move |context| {
            handled.push(format!("handler: {}", context.panic))
        });
        call_soon(|| panic!("one"));
        call_soon(log.line("fine"));
        call_soon(|| panic!("two"));
        call_later(Duration::ZERO, || panic!("three"));
        yield_now().await;
        log.push("the loop goes on");
        yield_now().await;
    });
}

pub(super) fn callbacks_between_steps(log: Log) {
    fn chain(log: Log, n: u32) {
        log.push(format!("callback {n}"));
        if n < 4 {
            call_soon(move || chain(log, n + 1));
        }
    }
    run(async move {
        let first = log.clone();
        call_soon(move || chain(first, 0));
        for n in 0..4 {
            log.push(format!("task {n}"));
            yield_now().await;
        }
        log.push("end");
    });
}

pub(super) fn callbacks_behind_the_end(log: Log) {
    fn chain(log: Log, n: u32) {
        log.push(format!("behind the end: {n}"));
        if n < 3 {
            call_soon(move || chain(log, n + 1));
        }
    }
    run(async move {
        let first = log.clone();
        call_soon(move || chain(first, 1));
        create_task(yield_times(1)).add_done_callback(log.done_line("task done"));
        log.push("main ends");
    });
}

pub(super) fn callbacks_threadsafe_at_home(log: Log) {
    run(async move {
        let handle = Loop::current().unwrap().handle();
        // What travels to a loop must be `Send`, so it names the log by a thread-local.
        thread_local! {
            static HERE: std::cell::RefCell<Log> = std::cell::RefCell::default();
        }
        HERE.set(log.clone());
        call_soon(log.line("1"));
        handle.call_soon_threadsafe(|| HERE.with_borrow(|log| log.push("2"))).unwrap();
        call_soon(log.line("3"));
        handle.call_soon_threadsafe(|| HERE.with_borrow(|log| log.push("4"))).unwrap();
        yield_now().await;
        log.push("resumed");
        sleep(MS * 50).await;
        log.push("end");
    });
}
