//! Scopes: children that borrow.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{Scope, current_task, scope, sleep, timeout, yield_now};

use crate::{Log, run};

const MS: Duration = Duration::from_millis(1);

#[test]
fn children_borrow_and_are_joined() {
    run(async {
        let words = vec!["a".to_owned(), "bb".to_owned()];
        let total = Cell::new(0);
        let result = scope(async |scope| {
            for word in &words {
                let total = &total;
                scope.spawn(async move {
                    sleep(MS).await;
                    total.set(total.get() + word.len());
                });
            }
            "body"
        });
        assert_eq!(result.await, "body");
        assert_eq!(total.get(), 3);
    });
}

#[test]
fn an_empty_scope_ends_at_once() {
    run(async {
        assert_eq!(scope(async |_| 1).await, 1);
    });
}

#[test]
fn children_take_turns_in_the_order_of_their_wakes() {
    run(async {
        let log = Log::default();
        scope(async |scope| {
            for name in ["a", "b"] {
                let log = &log;
                scope.spawn(async move {
                    for n in 0..2 {
                        log.push(format!("{name}{n}"));
                        yield_now().await;
                    }
                });
            }
            log.push("body");
        })
        .await;
        assert_eq!(log.take(), ["body", "a0", "b0", "a1", "b1"]);
    });
}

#[test]
fn only_who_was_woken_is_polled() {
    run(async {
        let polls = Cell::new(0);
        scope(async |scope| {
            let (polls, waits) = (&polls, sleep(MS * 20));
            scope.spawn(async move {
                let mut waits = std::pin::pin!(waits);
                std::future::poll_fn(|cx| {
                    polls.set(polls.get() + 1);
                    waits.as_mut().poll(cx)
                })
                .await;
            });
            scope.spawn(async {
                for _ in 0..50 {
                    yield_now().await;
                }
            });
        })
        .await;
        assert_eq!(polls.get(), 2);
    });
}

#[test]
fn children_make_children() {
    fn grow<'env>(scope: Scope<'env>, depth: u32, leaves: &'env Cell<u32>) {
        if depth == 0 {
            leaves.set(leaves.get() + 1);
            return;
        }
        for _ in 0..2 {
            let inner = scope.clone();
            scope.spawn(async move { grow(inner, depth - 1, leaves) });
        }
    }
    run(async {
        let leaves = Cell::new(0);
        scope(async |scope| grow(scope, 4, &leaves)).await;
        assert_eq!(leaves.get(), 16);
    });
}

#[test]
fn dropping_a_scope_drops_its_children_and_what_they_hold() {
    struct Guard(Log, &'static str);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.push(self.1);
        }
    }
    run(async {
        let log = Log::default();
        let witness = Rc::new(());
        let scoped = scope(async |scope| {
            for name in ["first", "second"] {
                let (guard, own, held) = (Guard(log.clone(), name), scope.clone(), witness.clone());
                scope.spawn(async move {
                    // A child that holds the scope does not keep itself.
                    let _held = (guard, own, held);
                    std::future::pending::<()>().await;
                });
            }
            let _guard = Guard(log.clone(), "body");
            std::future::pending::<()>().await;
        });
        assert!(timeout(MS, scoped).await.is_err());
        assert_eq!(log.take(), ["body", "first", "second"]);
        assert_eq!(Rc::strong_count(&witness), 1);
    });
}

#[test]
fn a_forgotten_scope_runs_nothing_any_more() {
    run(async {
        let polls = Rc::new(Cell::new(0));
        let counted = polls.clone();
        let mut scoped = Box::pin(scope(async move |scope| {
            scope.spawn(async move {
                loop {
                    counted.set(counted.get() + 1);
                    yield_now().await;
                }
            });
        }));
        std::future::poll_fn(|cx| std::task::Poll::Ready(scoped.as_mut().poll(cx).is_pending()))
            .await;
        let before = polls.get();
        std::mem::forget(scoped);
        sleep(MS * 2).await;
        assert_eq!(polls.get(), before);
    });
}

#[test]
fn a_panic_of_a_child_is_the_scopes() {
    run(async {
        let task = polyloop::create_task(async {
            scope(async |scope| {
                scope.spawn(async { panic!("child") });
                std::future::pending::<()>().await;
            })
            .await;
        });
        assert_eq!(task.await.unwrap_err().message().as_deref(), Some("child"));
    });
}

#[test]
fn a_scope_that_has_ended_takes_no_children() {
    run(async {
        let kept: RefCell<Option<Scope<'_>>> = RefCell::new(None);
        scope(async |scope| drop(kept.replace(Some(scope)))).await;
        let late = kept.take().unwrap();
        let spawned = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            late.spawn(async {});
        }));
        assert!(spawned.is_err());
    });
}

#[test]
fn a_child_gives_its_value_and_is_the_task_that_waits() {
    run(async {
        let own = current_task().unwrap();
        let found = scope(async |scope| {
            let child = scope.spawn(async {
                yield_now().await;
                current_task().unwrap()
            });
            assert!(!child.done());
            child.await
        });
        assert_eq!(found.await, own);
    });
}

#[test]
fn other_threads_wake_children() {
    run(async {
        let woken = scope(async |scope| {
            let child = scope.spawn(async {
                let mut begun = false;
                std::future::poll_fn(move |cx| {
                    if std::mem::replace(&mut begun, true) {
                        return std::task::Poll::Ready(true);
                    }
                    let waker = cx.waker().clone();
                    std::thread::spawn(move || {
                        std::thread::sleep(MS * 5);
                        waker.wake();
                    });
                    std::task::Poll::Pending
                })
                .await
            });
            child.await
        });
        assert!(woken.await);
    });
}
