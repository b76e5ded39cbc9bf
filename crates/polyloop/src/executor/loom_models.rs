//! Handing jobs to threads, in every order of what they do.
//!
//! A wait with a time limit has none here, so a thread that is idle stays until the shutdown, and
//! one that nobody would wake is reported as a deadlock.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};

use super::handle::Executor;
use super::thread_task::ThreadTask;

const LONG: Duration = Duration::from_secs(3600);

/// Checks a model, leaving out orders in which the scheduler interferes more than a few times.
fn check(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

fn end(executor: &Executor) {
    executor.pool.shut_down();
    assert!(executor.pool.wait_ended(LONG));
    assert_eq!((executor.threads(), executor.queued()), (0, 0));
}

/// Submits a closure that counts how often it ran.
fn counted(executor: &Executor) -> (ThreadTask<()>, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counts = count.clone();
    let task = executor.submit(move || {
        counts.fetch_add(1, Ordering::Relaxed);
    });
    (task, count)
}

#[test]
fn a_closure_is_handed_over_to_a_new_and_to_an_idle_thread() {
    check(|| {
        let executor = Executor::named("model", 1);
        assert_eq!(block_on(executor.submit(|| 1)).unwrap(), 1);
        assert_eq!(block_on(executor.submit(|| 2)).unwrap(), 2);
        end(&executor);
    });
}

#[test]
fn two_closures_find_threads_within_the_bound() {
    check(|| {
        let executor = Executor::named("model", 1);
        let (first, second) = (executor.submit(|| 1), executor.submit(|| 2));
        assert_eq!((block_on(second).unwrap(), block_on(first).unwrap()), (2, 1));
        assert_eq!(executor.threads(), 1);
        end(&executor);
    });
}

#[test]
fn a_closure_runs_or_is_taken_back() {
    check(|| {
        let executor = Executor::named("model", 1);
        let (task, count) = counted(&executor);
        let taken_back = task.cancel();
        let result = block_on(task);
        assert_eq!(result.is_err_and(|error| error.is_cancelled()), taken_back);
        assert_eq!(count.load(Ordering::Relaxed), usize::from(!taken_back));
        end(&executor);
    });
}

#[test]
fn a_shutdown_waits_for_what_is_queued() {
    check(|| {
        let executor = Executor::named("model", 1);
        let tasks = [counted(&executor), counted(&executor)];
        executor.pool.shut_down();
        block_on(poll_fn(|cx| executor.pool.poll_ended(cx)));
        for (task, count) in tasks {
            assert!(task.done());
            assert_eq!(count.load(Ordering::Relaxed), 1);
        }
        assert!(block_on(executor.submit(|| ())).unwrap_err().is_cancelled(), "it is shut down");
    });
}

#[test]
fn at_a_shutdowns_deadline_what_is_queued_is_cancelled_and_what_runs_ends() {
    check(|| {
        let executor = Executor::named("model", 1);
        let tasks = [counted(&executor), counted(&executor)];
        executor.pool.shut_down();
        executor.pool.cancel_queued();
        assert!(executor.pool.wait_ended(LONG));
        for (task, count) in tasks {
            let ran = count.load(Ordering::Relaxed);
            assert!(task.done());
            assert_eq!(block_on(task).is_ok(), ran == 1);
        }
    });
}

#[test]
fn a_closure_that_comes_during_a_shutdown_is_refused_or_runs() {
    check(|| {
        let executor = Executor::named("model", 1);
        let other = executor.clone();
        let thread = loom::thread::spawn(move || {
            let (task, count) = counted(&other);
            let refused = block_on(task).is_err_and(|error| error.is_cancelled());
            assert_eq!(count.load(Ordering::Relaxed), usize::from(!refused));
        });
        end(&executor);
        thread.join().unwrap();
    });
}

#[test]
fn a_panic_is_its_awaiters_and_the_thread_goes_on() {
    std::panic::set_hook(Box::new(|_| ()));
    check(|| {
        let executor = Executor::named("model", 1);
        let panics = executor.submit(|| panic!("the model's"));
        let goes_on = executor.submit(|| 2);
        assert!(!block_on(panics).unwrap_err().is_cancelled());
        assert_eq!(block_on(goes_on).unwrap(), 2);
        end(&executor);
    });
    drop(std::panic::take_hook());
}
