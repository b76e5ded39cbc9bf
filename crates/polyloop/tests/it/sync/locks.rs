use std::rc::Rc;
use std::time::Duration;

use polyloop::sync::{Lock, LockGuard, OwnedLockGuard};
use polyloop::{create_task, sleep, timeout, yield_now};

use crate::allocations::allocations;
use crate::{Log, run};

#[test]
fn a_lock_is_held_across_awaits() {
    run(async {
        let (lock, log) = (Lock::new(()), Log::default());
        let part = async |name: &str| {
            let _guard = lock.lock().await;
            log.push(format!("{name} begins"));
            yield_now().await;
            log.push(format!("{name} ends"));
        };
        both(part("a"), part("b")).await;
        assert_eq!(log.take(), ["a begins", "a ends", "b begins", "b ends"]);
    });
}

/// Polls two futures that borrow, in turn, until both have ended.
async fn both(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    let (mut a, mut b) = (Box::pin(a), Box::pin(b));
    let (mut a_done, mut b_done) = (false, false);
    std::future::poll_fn(|cx| {
        a_done = a_done || a.as_mut().poll(cx).is_ready();
        b_done = b_done || b.as_mut().poll(cx).is_ready();
        if a_done && b_done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[test]
fn tasks_get_the_lock_in_the_order_in_which_they_asked() {
    run(async {
        let lock = Rc::new(Lock::new(Vec::new()));
        let guard = lock.lock().await;
        let tasks: Vec<_> = (0..5)
            .map(|n| {
                let lock = lock.clone();
                create_task(async move { lock.lock().await.push(n) })
            })
            .collect();
        yield_now().await;
        drop(guard);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*lock.lock().await, [0, 1, 2, 3, 4]);
    });
}

#[test]
fn a_newcomer_does_not_overtake_who_was_handed_the_lock() {
    run(async {
        let lock = Rc::new(Lock::new(()));
        let guard = lock.lock().await;
        let waiter = lock.clone();
        let task = create_task(async move { drop(waiter.lock().await) });
        yield_now().await;
        drop(guard);
        assert!(lock.locked(), "it was handed over at once");
        assert!(lock.try_lock().is_none());
        task.await.unwrap();
        assert!(lock.try_lock().is_some());
    });
}

#[test]
fn a_task_that_is_cancelled_with_the_lock_in_hand_passes_it_on() {
    run(async {
        let lock = Rc::new(Lock::new(()));
        let guard = lock.lock().await;
        let [first, second] = [lock.clone(), lock.clone()];
        let first = create_task(async move { drop(first.lock().await) });
        let second = create_task(async move { drop(second.lock().await) });
        yield_now().await;
        drop(guard);
        first.cancel();
        second.await.unwrap();
        assert!(first.await.unwrap_err().is_cancelled());
        assert!(!lock.locked());
    });
}

#[test]
fn a_wait_that_times_out_leaves_the_queue() {
    run(async {
        let lock = Lock::new(());
        let guard = lock.lock().await;
        assert!(timeout(Duration::from_millis(1), lock.acquire()).await.is_err());
        drop(guard);
        assert!(!lock.locked());
    });
}

#[test]
fn a_panic_releases_the_lock_and_keeps_the_value() {
    run(async {
        let lock = Rc::new(Lock::new(1));
        for owned in [false, true] {
            let lock = lock.clone();
            let task = create_task(async move {
                if owned {
                    *lock.lock_owned().await += 1;
                    panic!("bad");
                }
                let mut guard = lock.lock().await;
                *guard += 1;
                panic!("bad");
            });
            assert!(task.await.unwrap_err().is_panic());
        }
        assert_eq!(*lock.try_lock().unwrap(), 3);
    });
}

#[test]
fn an_owned_guard_goes_into_a_task_and_the_value_comes_back() {
    run(async {
        let lock = Rc::new(Lock::new(String::from("a")));
        let mut guard = lock.clone().lock_owned().await;
        assert_eq!(format!("{lock:?}"), "Lock { value: <locked> }");
        let task = create_task(async move {
            sleep(Duration::from_millis(1)).await;
            guard.push('b');
            assert!(OwnedLockGuard::lock(&guard).locked());
            OwnedLockGuard::release(guard);
        });
        assert!(lock.clone().try_lock_owned().is_none());
        let mut guard = lock.lock().await;
        guard.push('c');
        assert!(LockGuard::lock(&guard).locked());
        LockGuard::release(guard);
        task.await.unwrap();
        assert_eq!(format!("{lock:?}"), "Lock { value: \"abc\" }");
        let mut lock = Rc::into_inner(lock).unwrap();
        lock.get_mut().push('d');
        assert_eq!(lock.into_inner(), "abcd");
    });
}

#[test]
fn a_lock_of_nothing_is_the_default() {
    let lock = Lock::<()>::default();
    let guard = lock.try_lock();
    assert!(lock.locked());
    drop(guard);
    assert!(!lock.locked());
}

#[test]
fn a_contended_lock_allocates_nothing() {
    run(async {
        let lock = Rc::new(Lock::new(0));
        let other = lock.clone();
        let rounds = |lock: Rc<Lock<i32>>| async move {
            let mut before = 0;
            for n in 0..200 {
                if n == 100 {
                    before = allocations();
                }
                let mut guard = lock.lock().await;
                *guard += 1;
                yield_now().await;
            }
            allocations() - before
        };
        let counts = polyloop::gather!(rounds(lock), rounds(other)).await.unwrap();
        assert_eq!(counts, (0, 0));
    });
}
