use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use polyloop::sync::{Condition, Lock};
use polyloop::{create_task, timeout, yield_now};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::random;
use super::stepper::Stepper;
use crate::{Log, run};

type Shared = Rc<(Rc<Lock<u32>>, Condition)>;

/// Starts tasks that wait, and lets them come to that.
async fn waiters(shared: &Shared, log: &Log, count: usize) -> Vec<polyloop::Task<()>> {
    let tasks = (0..count)
        .map(|n| {
            let (shared, log) = (shared.clone(), log.clone());
            create_task(async move {
                let guard = shared.0.lock().await;
                let _guard = shared.1.wait(guard).await;
                log.push(n.to_string());
            })
        })
        .collect();
    yield_now().await;
    tasks
}

#[test]
fn notify_wakes_the_first_that_came() {
    run(async {
        let (shared, log) = (Shared::default(), Log::default());
        let tasks = waiters(&shared, &log, 4).await;
        let guard = shared.0.lock().await;
        shared.1.notify(2);
        yield_now().await;
        assert!(log.take().is_empty(), "nobody goes on before the lock is free");
        drop(guard);
        let mut tasks = tasks.into_iter();
        tasks.next().unwrap().await.unwrap();
        tasks.next().unwrap().await.unwrap();
        assert_eq!(log.take(), ["0", "1"]);
        shared.1.notify_all();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(log.take(), ["2", "3"]);
    });
}

#[test]
fn wait_for_looks_again_after_each_notification() {
    run(async {
        let shared = Shared::default();
        let consumer = shared.clone();
        let task = create_task(async move {
            let guard = consumer.0.lock().await;
            let asked = &mut 0;
            let guard = consumer.1.wait_for(guard, |value| (*asked += 1, *value == 3).1).await;
            (*guard, *asked)
        });
        for _ in 0..3 {
            yield_now().await;
            *shared.0.lock().await += 1;
            shared.1.notify(1);
        }
        assert_eq!(task.await.unwrap(), (3, 4));
    });
}

#[test]
fn notify_without_the_lock_is_allowed_and_reaches_who_waits() {
    run(async {
        let (shared, log) = (Shared::default(), Log::default());
        shared.1.notify(1);
        shared.1.notify_all();
        let tasks = waiters(&shared, &log, 1).await;
        assert!(!tasks[0].done(), "a notification is not kept for who comes later");
        assert!(!shared.0.locked());
        shared.1.notify(1);
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn a_notified_task_that_is_cancelled_passes_the_notification_on() {
    run(async {
        let (shared, log) = (Shared::default(), Log::default());
        let tasks = waiters(&shared, &log, 2).await;
        shared.1.notify(1);
        tasks[0].cancel();
        yield_now().await;
        yield_now().await;
        assert_eq!(log.take(), ["1"]);
        assert!(!shared.0.locked());
    });
}

#[test]
fn a_task_that_is_cancelled_while_only_the_lock_is_missing_passes_the_notification_on() {
    run(async {
        let (shared, log) = (Shared::default(), Log::default());
        let tasks = waiters(&shared, &log, 2).await;
        let guard = shared.0.lock().await;
        shared.1.notify(1);
        yield_now().await;
        tasks[0].cancel();
        yield_now().await;
        drop(guard);
        yield_now().await;
        yield_now().await;
        assert_eq!(log.take(), ["1"]);
    });
}

#[test]
fn a_wait_that_times_out_has_released_the_lock() {
    run(async {
        let shared = Shared::default();
        let guard = shared.0.lock().await;
        assert!(timeout(Duration::from_millis(1), shared.1.wait(guard)).await.is_err());
        assert!(!shared.0.locked());
        assert_eq!(format!("{:?}", shared.1), "Condition { waiting: 0, .. }");
    });
}

#[derive(Clone, Debug)]
enum Step {
    Come,
    Notify(usize),
    Cancel(Index),
    Poll,
    Hold,
    Release,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Come),
        2 => (0..3usize).prop_map(Step::Notify),
        2 => any::<Index>().prop_map(Step::Cancel),
        3 => Just(Step::Poll),
        1 => Just(Step::Hold),
        1 => Just(Step::Release),
    ]
}

proptest! {
    #![proptest_config(random())]

    #[test]
    fn a_notification_reaches_somebody_unless_nobody_waits(steps in vec(step(), 1..120)) {
        let (shared, mut stepper) = (Shared::default(), Stepper::default());
        let waiting = Rc::new(RefCell::new(VecDeque::new()));
        let mut notified = BTreeSet::new();
        let mut held = None;
        for step in steps {
            match step {
                Step::Come => {
                    let (shared, waiting) = (shared.clone(), waiting.clone());
                    stepper.start(|number| async move {
                        let guard = shared.0.lock().await;
                        waiting.borrow_mut().push_back(number);
                        drop(shared.1.wait(guard).await);
                    });
                }
                Step::Notify(count) => {
                    shared.1.notify(count);
                    let mut waiting = waiting.borrow_mut();
                    let count = count.min(waiting.len());
                    notified.extend(waiting.drain(..count));
                }
                Step::Cancel(index) if !stepper.live().is_empty() => {
                    let number = *index.get(&stepper.live());
                    stepper.cancel(number);
                    waiting.borrow_mut().retain(|other| *other != number);
                    if notified.remove(&number) {
                        notified.extend(waiting.borrow_mut().pop_front());
                    }
                }
                Step::Cancel(_) => {}
                Step::Poll => drop(stepper.step()),
                Step::Hold => held = held.or_else(|| shared.0.clone().try_lock_owned()),
                Step::Release => held = None,
            }
            notified.retain(|number| stepper.is_live(*number));
            prop_assert!(waiting.borrow().iter().all(|number| stepper.is_live(*number)));
        }
        drop(held);
        stepper.settle();
        prop_assert_eq!(stepper.live(), waiting.borrow().iter().copied().collect::<Vec<_>>());
        prop_assert!(!shared.0.locked());
    }
}
