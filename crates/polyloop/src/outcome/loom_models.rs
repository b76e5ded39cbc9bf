//! A result on its way between threads, in every order of what they do.

use std::future::poll_fn;
use std::task::{Context, Wake, Waker};

use loom::future::block_on;
use loom::sync::atomic::AtomicUsize;

use super::*;
use crate::between_threads::Ordering;

/// Counts how often it was woken.
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counted() -> (Waker, Arc<Count>) {
    let count = Arc::new(Count(AtomicUsize::new(0)));
    (Waker::from(count.clone()), count)
}

fn pair() -> (Arc<Outcome<u32>>, Promise<u32>) {
    let outcome = Arc::new(Outcome::default());
    (outcome.clone(), Promise::new(outcome, "broken"))
}

#[test]
fn a_result_reaches_who_blocks_for_it() {
    loom::model(|| {
        let (outcome, promise) = pair();
        let thread = loom::thread::spawn(move || drop(promise.keep(Ok(7))));
        assert_eq!(outcome.wait().unwrap(), 7);
        thread.join().unwrap();
    });
}

#[test]
fn a_result_reaches_who_awaits_it() {
    loom::model(|| {
        let (outcome, promise) = pair();
        let thread = loom::thread::spawn(move || drop(promise.keep(Ok(7))));
        assert_eq!(block_on(poll_fn(|cx| outcome.poll(cx))).unwrap(), 7);
        thread.join().unwrap();
    });
}

#[test]
fn a_broken_promise_is_learnt_by_who_waits() {
    loom::model(|| {
        let (outcome, promise) = pair();
        let thread = loom::thread::spawn(move || drop(promise));
        assert_eq!(outcome.wait().unwrap_err().message().as_deref(), Some("broken"));
        thread.join().unwrap();
    });
}

#[test]
fn who_found_nothing_is_woken_once_and_who_found_it_never() {
    loom::model(|| {
        let (outcome, promise) = pair();
        let (waker, count) = counted();
        let thread = loom::thread::spawn(move || drop(promise.keep(Ok(7))));
        let first = outcome.poll(&mut Context::from_waker(&waker));
        thread.join().unwrap();
        assert_eq!(count.0.load(Ordering::SeqCst), usize::from(first.is_pending()));
        if first.is_pending() {
            assert!(outcome.poll(&mut Context::from_waker(&waker)).is_ready());
        }
        assert!(outcome.is_set());
    });
}

#[test]
fn the_waker_that_was_given_last_is_woken() {
    loom::model(|| {
        let (outcome, promise) = pair();
        let ((first, _), (second, count)) = (counted(), counted());
        let thread = loom::thread::spawn(move || drop(promise.keep(Ok(7))));
        let pending = outcome.poll(&mut Context::from_waker(&first)).is_pending()
            && outcome.poll(&mut Context::from_waker(&second)).is_pending();
        thread.join().unwrap();
        assert_eq!(count.0.load(Ordering::SeqCst), usize::from(pending));
    });
}

#[test]
fn a_result_that_nobody_asks_for_is_given_to_exactly_one() {
    loom::model(|| {
        let (outcome, promise) = pair();
        let thread = loom::thread::spawn(move || promise.keep(Ok(7)).is_some());
        let found = outcome.abandon().is_some();
        assert_ne!(thread.join().unwrap(), found);
    });
}
