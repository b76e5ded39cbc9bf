//! Locks, events, conditions, semaphores, barriers: who waits longest goes first.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use polyloop::sync::{Barrier, BoundedSemaphore, Condition, Event, Lock, Semaphore};
use polyloop::{Task, call_soon, create_task, gather, sleep, yield_now};

use super::script::{Log, MS, py, run};

async fn join_all<T>(tasks: impl IntoIterator<Item = Task<T>>) {
    for task in tasks {
        let _ = task.await;
    }
}

pub(super) fn lock_is_fair(log: Log) {
    async fn work(log: Log, name: &str, lock: Rc<Lock>) {
        log.push(format!("{name} wants the lock"));
        let guard = lock.acquire().await;
        log.push(format!("{name} has the lock"));
        yield_now().await;
        drop(guard);
        log.push(format!("{name} gave the lock back"));
    }
    run(async move {
        let lock = Rc::new(Lock::new(()));
        let members = ["a", "b", "c"].map(|name| work(log.clone(), name, lock.clone()));
        gather(members).await.unwrap();
    });
}

pub(super) fn lock_is_not_taken_past_waiters(log: Log) {
    run(async move {
        let lock = Rc::new(Lock::new(()));
        let (inside, greedy_lock) = (log.clone(), lock.clone());
        let greedy = async move {
            for n in 0..2 {
                let _guard = greedy_lock.lock().await;
                inside.push(format!("greedy has the lock {n}"));
                yield_now().await;
            }
            inside.push("greedy ends");
        };
        let (inside, patient_lock) = (log.clone(), lock.clone());
        let patient = async move {
            let guard = patient_lock.lock().await;
            inside.push("patient has the lock");
            yield_now().await;
            drop(guard);
            inside.push("patient ends");
        };
        polyloop::gather!(greedy, patient).await.unwrap();
        log.push(format!("locked: {}", py(lock.locked())));
    });
}

/// Has the lock for a while, and tells its end when it has given it back.
async fn hold(log: Log, name: &str, lock: Rc<Lock>, time: Option<Duration>) {
    let _end = log.finally(format!("{name} ends"));
    let _guard = lock.lock().await;
    log.push(format!("{name} has the lock"));
    if let Some(time) = time {
        sleep(time).await;
    }
}

pub(super) fn lock_waiter_is_cancelled(log: Log) {
    run(async move {
        let lock = Rc::new(Lock::new(()));
        let tasks = ["a", "b", "c"]
            .map(|name| create_task(hold(log.clone(), name, lock.clone(), Some(MS * 100))));
        yield_now().await;
        tasks[1].cancel();
        join_all(tasks).await;
        log.push(format!("locked: {}", py(lock.locked())));
    });
}

pub(super) fn lock_waiter_is_cancelled_as_it_is_woken(log: Log) {
    run(async move {
        let lock = Rc::new(Lock::new(()));
        let guard = lock.acquire().await;
        let tasks =
            ["a", "b", "c"].map(|name| create_task(hold(log.clone(), name, lock.clone(), None)));
        yield_now().await;
        drop(guard);
        tasks[0].cancel();
        log.push("released and cancelled");
        sleep(MS * 50).await;
        log.push(format!("locked: {}", py(lock.locked())));
    });
}

pub(super) fn event_wakes_all_in_order(log: Log) {
    async fn waiter(log: Log, name: &str, event: Rc<Event>) {
        log.push(format!("{name} waits"));
        event.wait().await;
        log.push(format!("{name} goes on"));
    }
    run(async move {
        let event = Rc::new(Event::new());
        let tasks =
            ["a", "b", "c"].map(|name| create_task(waiter(log.clone(), name, event.clone())));
        yield_now().await;
        event.set();
        call_soon(log.line("soon behind the set"));
        log.push("set");
        join_all(tasks).await;
        call_soon(log.line("soon"));
        event.wait().await;
        log.push("did not yield");
        yield_now().await;
    });
}

pub(super) fn event_set_and_cleared_at_once(log: Log) {
    async fn waiter(log: Log, name: &str, event: Rc<Event>) {
        event.wait().await;
        log.push(format!("{name} goes on, set: {}", py(event.is_set())));
    }
    run(async move {
        let event = Rc::new(Event::new());
        let one = create_task(waiter(log.clone(), "one", event.clone()));
        yield_now().await;
        let two = create_task(waiter(log.clone(), "two", event.clone()));
        event.set();
        event.clear();
        one.await.unwrap();
        sleep(MS * 50).await;
        log.push(format!("two done: {}", py(two.done())));
        event.set();
        two.await.unwrap();
    });
}

pub(super) fn condition_notifies_some(log: Log) {
    async fn waiter(log: Log, name: &str, shared: Rc<(Lock, Condition)>) {
        let guard = shared.0.lock().await;
        log.push(format!("{name} waits"));
        let _guard = shared.1.wait(guard).await;
        log.push(format!("{name} is notified"));
    }
    run(async move {
        let shared = Rc::new((Lock::new(()), Condition::new()));
        let tasks =
            ["a", "b", "c", "d"].map(|name| create_task(waiter(log.clone(), name, shared.clone())));
        sleep(MS * 50).await;
        let (lock, condition) = &*shared;
        let guard = lock.lock().await;
        condition.notify(2);
        log.push("notified two");
        yield_now().await;
        log.push("still locked");
        drop(guard);
        sleep(MS * 50).await;
        let guard = lock.lock().await;
        condition.notify_all();
        log.push("notified all");
        drop(guard);
        join_all(tasks).await;
    });
}

pub(super) fn condition_waits_for_a_predicate(log: Log) {
    type Shared = Rc<(Lock<VecDeque<u32>>, Condition)>;
    async fn consumer(log: Log, name: &str, shared: Shared) {
        let guard = shared.0.lock().await;
        let mut items = shared.1.wait_for(guard, |items| !items.is_empty()).await;
        log.push(format!("{name} takes {}", items.pop_front().unwrap()));
    }
    run(async move {
        let shared: Shared = Rc::default();
        let tasks = ["a", "b"].map(|name| create_task(consumer(log.clone(), name, shared.clone())));
        sleep(MS * 50).await;
        for item in [1, 2] {
            let mut items = shared.0.lock().await;
            items.push_back(item);
            log.push(format!("adds {item}"));
            shared.1.notify_all();
            drop(items);
            sleep(MS * 50).await;
        }
        join_all(tasks).await;
    });
}

pub(super) fn semaphore_lets_some_in(log: Log) {
    async fn work(log: Log, name: &str, semaphore: Rc<Semaphore>, delay: Duration) {
        let _permit = semaphore.acquire().await;
        log.push(format!("{name} is in"));
        sleep(delay).await;
        log.push(format!("{name} is out"));
    }
    run(async move {
        let semaphore = Rc::new(Semaphore::new(2));
        let members = [("a", 150), ("b", 50), ("c", 50), ("d", 150)]
            .map(|(name, delay)| work(log.clone(), name, semaphore.clone(), MS * delay));
        gather(members).await.unwrap();
        log.push(format!("locked: {}", py(semaphore.locked())));
    });
}

pub(super) fn semaphore_is_fair(log: Log) {
    async fn waiter(log: Log, name: &str, semaphore: Rc<Semaphore>) {
        let _permit = semaphore.acquire().await;
        log.push(format!("{name} has a place"));
        yield_now().await;
    }
    run(async move {
        let semaphore = Rc::new(Semaphore::new(1));
        let permit = semaphore.acquire().await;
        let tasks =
            ["a", "b"].map(|name| create_task(waiter(log.clone(), name, semaphore.clone())));
        yield_now().await;
        drop(permit);
        log.push(format!("released, locked: {}", py(semaphore.locked())));
        let permit = semaphore.acquire().await;
        log.push("main has a place");
        drop(permit);
        join_all(tasks).await;
    });
}

pub(super) fn semaphore_bounded(log: Log) {
    run(async move {
        let semaphore = BoundedSemaphore::new(1);
        let permit = semaphore.acquire().await;
        log.push(format!("in, locked: {}", py(semaphore.locked())));
        drop(permit);
        if semaphore.release().is_err() {
            log.push("released too often");
        }
        log.push(format!("locked: {}", py(semaphore.locked())));
    });
}

pub(super) fn barrier_rounds(log: Log) {
    async fn work(log: Log, name: &str, barrier: Rc<Barrier>) {
        for n in 0..2 {
            log.push(format!("{name} arrives {n}"));
            barrier.wait().await.unwrap();
            log.push(format!("{name} goes on {n}"));
        }
    }
    run(async move {
        let barrier = Rc::new(Barrier::new(3).unwrap());
        let members = ["a", "b", "c"].map(|name| work(log.clone(), name, barrier.clone()));
        gather(members).await.unwrap();
        let (waiting, broken) = (barrier.n_waiting(), py(barrier.broken()));
        log.push(format!("waiting: {waiting}, broken: {broken}"));
    });
}

pub(super) fn barrier_aborted(log: Log) {
    async fn work(log: Log, name: &str, barrier: Rc<Barrier>) {
        match barrier.wait().await {
            Ok(_) => log.push(format!("{name} goes on")),
            Err(_) => log.push(format!("{name}: broken")),
        }
    }
    run(async move {
        let barrier = Rc::new(Barrier::new(3).unwrap());
        let start = |name| create_task(work(log.clone(), name, barrier.clone()));
        let tasks = ["a", "b"].map(start);
        sleep(MS * 50).await;
        barrier.abort();
        log.push(format!("broken: {}", py(barrier.broken())));
        sleep(MS * 50).await;
        work(log.clone(), "late", barrier.clone()).await;
        barrier.reset();
        log.push(format!("broken: {}", py(barrier.broken())));
        join_all(tasks).await;
        gather(["c", "d", "e"].map(|name| work(log.clone(), name, barrier.clone()))).await.unwrap();
    });
}
