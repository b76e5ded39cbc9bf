//! Waiting for several tasks, and shielding one.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_core::Stream;
use polyloop::{
    Loop, ReturnWhen, Task, TimedOut, Waited, as_completed, as_completed_tasks, create_task,
    gather_tasks, shield, sleep, timeout, try_wait, wait, yield_now,
};

use crate::run;

const MS: Duration = Duration::from_millis(1);

fn after<T: 'static>(delay: Duration, value: T) -> Task<T> {
    create_task(async move {
        sleep(delay).await;
        value
    })
}

fn counts<J>(waited: &Waited<J>) -> (usize, usize) {
    (waited.done.len(), waited.pending.len())
}

#[test]
fn waiting_for_nothing_ends_at_once() {
    run(async {
        let none: [Task<()>; 0] = [];
        assert_eq!(counts(&wait(none, None, ReturnWhen::AllCompleted).await), (0, 0));
    });
}

#[test]
fn a_limit_of_zero_tells_what_is_done_and_an_enormous_one_is_none() {
    run(async {
        let done = create_task(async {});
        yield_now().await;
        let tasks = [&done, &create_task(std::future::pending())];
        let waited = wait(tasks, Duration::ZERO, ReturnWhen::AllCompleted).await;
        assert_eq!(counts(&waited), (1, 1));
        let tasks = [after(MS, ())];
        let waited = wait(tasks, Duration::MAX, ReturnWhen::AllCompleted).await;
        assert_eq!(counts(&waited), (1, 0));
    });
}

#[test]
fn a_cancelled_task_is_done_but_has_not_failed() {
    run(async {
        let tasks = [create_task(std::future::pending()), after(MS * 5, ())];
        tasks[0].cancel();
        let waited = wait(&tasks, None, ReturnWhen::FirstException).await;
        assert_eq!(counts(&waited), (2, 0));
        let panics = create_task(async { panic!("fails") });
        let infos = [create_task(std::future::pending::<()>()).info(), panics.info()];
        let waited = wait(infos, None, ReturnWhen::FirstException).await;
        assert_eq!(counts(&waited), (1, 1));
        let _: Result<(), _> = panics.await;
    });
}

#[test]
fn an_err_ends_only_a_wait_that_tries() {
    run(async {
        let tasks = || {
            [0, 5].map(|yields| {
                create_task(async move {
                    for _ in 0..yields {
                        yield_now().await;
                    }
                    if yields == 0 { Err(1) } else { Ok(2) }
                })
            })
        };
        let waited = wait(tasks(), None, ReturnWhen::FirstException).await;
        assert_eq!(counts(&waited), (2, 0));
        let waited = try_wait(tasks(), None, ReturnWhen::FirstException).await;
        assert_eq!(counts(&waited), (1, 1));
        assert_eq!(*waited.done[0].try_result().unwrap().as_ref().unwrap(), Err(1));
    });
}

#[test]
fn a_wait_that_is_dropped_leaves_the_tasks_and_nothing_behind() {
    run(async {
        let task = after(MS * 500, Rc::new(7));
        for _ in 0..100 {
            let waiting = wait([&task], None, ReturnWhen::AllCompleted);
            assert!(timeout(Duration::ZERO, waiting).await.is_err());
        }
        assert!(!task.done());
        assert_eq!(*task.await.unwrap(), 7);
    });
}

#[test]
fn results_come_in_the_order_of_the_ends_in_every_form() {
    run(async {
        let futures = || [30, 10, 20].map(|n| after(MS * n, n));
        let mut plain = Vec::new();
        for next in as_completed_tasks(futures()) {
            plain.push(next.await.unwrap());
        }
        let mut completed = as_completed_tasks(futures());
        let mut named = Vec::new();
        while let Some(next) = completed.next().await {
            named.push(next.unwrap());
        }
        let mut completed = as_completed_tasks(futures());
        let mut streamed = Vec::new();
        assert_eq!(Stream::size_hint(&completed), (3, Some(3)));
        while let Some(next) =
            std::future::poll_fn(|cx| Stream::poll_next(Pin::new(&mut completed), cx)).await
        {
            streamed.push(next.unwrap());
        }
        assert_eq!([plain, named, streamed], [[10, 20, 30], [10, 20, 30], [10, 20, 30]]);
    });
}

#[test]
fn a_next_that_is_dropped_leaves_its_result_to_the_following() {
    run(async {
        let mut completed = as_completed([50, 60].map(|n| async move {
            sleep(MS * n).await;
            n
        }));
        assert!(timeout(MS, completed.next()).await.is_err());
        assert_eq!(completed.next().await.unwrap().unwrap(), 50);
        assert_eq!(completed.len(), 1);
        assert_eq!(completed.next().await.unwrap().unwrap(), 60);
        assert!(completed.next().await.is_none());
    });
}

#[test]
fn what_ended_in_one_iteration_is_given_in_the_order_of_the_ends() {
    run(async {
        let completed = as_completed([1, 2, 3].map(|n| async move { n }));
        for _ in 0..3 {
            yield_now().await;
        }
        let mut order = Vec::new();
        for next in completed {
            order.push(next.await.unwrap());
        }
        assert_eq!(order, [1, 2, 3]);
    });
}

#[test]
fn several_wait_for_the_next_and_each_gets_one() {
    run(async {
        let completed = as_completed_tasks([after(MS * 5, 1), after(MS * 2, 2)]);
        let waiting = completed.map(|next| create_task(async { next.await.unwrap() }));
        assert_eq!(gather_tasks(waiting).await.unwrap(), [2, 1]);
    });
}

#[test]
fn completed_within_a_time_gives_up_and_cancels_nothing() {
    run(async {
        let begin = Instant::now();
        let tasks = [after(MS * 30_000, 1), create_task(async { 2 })];
        let mut results = Vec::new();
        for next in as_completed_tasks(tasks).within(MS * 200) {
            results.push(next.await.map(Result::unwrap));
        }
        assert_eq!(results, [Ok(2), Err(TimedOut)]);
        assert!(begin.elapsed() < MS * 20_000);
        assert_eq!(Loop::current().unwrap().task_count(), 2);
    });
}

#[test]
fn a_shielded_panic_that_nobody_hears_is_reported() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let told = seen.clone();
        Loop::current().unwrap().set_exception_handler(move |context| {
            told.borrow_mut().push(context.panic.clone());
        });
        let shielded = shield(async {
            sleep(MS * 50).await;
            panic!("unheard");
        });
        assert!(timeout(MS, shielded).await.is_err());
        let is_told = async {
            while seen.borrow().is_empty() {
                sleep(MS).await;
            }
        };
        timeout(MS * 20_000, is_told).await.expect("it is reported");
        assert_eq!(seen.take(), ["unheard"]);
        assert_eq!(shield(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn a_dropped_gather_has_dropped_what_its_members_held() {
    run(async {
        let witness = Rc::new(Cell::new(0));
        let members = [1, 2].map(|_| {
            let held = witness.clone();
            async move {
                held.set(held.get() + 1);
                std::future::pending::<()>().await;
            }
        });
        assert!(timeout(MS, polyloop::gather(members)).await.is_err());
        assert_eq!((witness.get(), Rc::strong_count(&witness)), (2, 1));
    });
}
