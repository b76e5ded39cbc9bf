use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use polyloop::sync::{Barrier, BrokenBarrierError};
use polyloop::{ErrorKind, create_task, gather, yield_now};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::random;
use super::stepper::Stepper;
use crate::run;

#[test]
fn each_round_lets_all_pass_and_gives_every_index_once() {
    run(async {
        let barrier = Rc::new(Barrier::new(3).unwrap());
        for _ in 0..3 {
            let parties = (0..3).map(|_| {
                let barrier = barrier.clone();
                async move { barrier.wait().await }
            });
            assert_eq!(gather(parties).await.unwrap(), [Ok(0), Ok(1), Ok(2)]);
        }
        assert_eq!(barrier.n_waiting(), 0);
    });
}

#[test]
fn a_barrier_of_one_holds_nobody() {
    run(async {
        let barrier = Barrier::new(1).unwrap();
        assert_eq!(barrier.wait().await, Ok(0));
        assert_eq!(barrier.wait().await, Ok(0));
    });
}

#[test]
fn a_barrier_of_none_is_an_error() {
    let error = Barrier::new(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("at least one"), "{error}");
}

#[test]
fn abort_breaks_the_barrier_until_it_is_reset() {
    run(async {
        let barrier = Rc::new(Barrier::new(2).unwrap());
        let waiter = barrier.clone();
        let task = create_task(async move { waiter.wait().await });
        yield_now().await;
        assert_eq!(barrier.n_waiting(), 1);
        barrier.abort();
        assert_eq!(barrier.wait().await, Err(BrokenBarrierError));
        assert_eq!(task.await.unwrap(), Err(BrokenBarrierError));
        assert_eq!(format!("{barrier:?}"), "Barrier { parties: 2, n_waiting: 0, broken: true }");
        barrier.reset();
        assert!(!barrier.broken());
        let waiter = barrier.clone();
        let task = create_task(async move { waiter.wait().await });
        yield_now().await;
        assert_eq!(barrier.wait().await, Ok(1));
        assert_eq!(task.await.unwrap(), Ok(0));
    });
}

#[test]
fn reset_sends_away_who_waits() {
    run(async {
        let barrier = Rc::new(Barrier::new(2).unwrap());
        let waiter = barrier.clone();
        let task = create_task(async move { waiter.wait().await });
        yield_now().await;
        barrier.reset();
        assert_eq!(task.await.unwrap().unwrap_err().to_string(), "the barrier is broken");
        assert!(!barrier.broken());
        assert_eq!((barrier.parties(), barrier.n_waiting()), (2, 0));
    });
}

#[test]
fn a_party_that_is_cancelled_is_no_longer_counted() {
    run(async {
        let barrier = Rc::new(Barrier::new(3).unwrap());
        let [first, second] = [barrier.clone(), barrier.clone()]
            .map(|barrier| create_task(async move { barrier.wait().await }));
        yield_now().await;
        first.cancel();
        yield_now().await;
        assert_eq!(barrier.n_waiting(), 1);
        let third = barrier.clone();
        let third = create_task(async move { third.wait().await });
        yield_now().await;
        assert_eq!(barrier.wait().await, Ok(2));
        assert_eq!((second.await.unwrap(), third.await.unwrap()), (Ok(0), Ok(1)));
    });
}

#[derive(Clone, Debug)]
enum Step {
    Come,
    Cancel(Index),
    Abort,
    Reset,
    Poll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => Just(Step::Come),
        3 => any::<Index>().prop_map(Step::Cancel),
        1 => Just(Step::Abort),
        1 => Just(Step::Reset),
        6 => Just(Step::Poll),
    ]
}

proptest! {
    #![proptest_config(random())]

    #[test]
    fn a_barrier_trips_exactly_when_all_have_come(
        parties in 1..5usize,
        steps in vec(step(), 1..120),
    ) {
        let (barrier, mut stepper) = (Rc::new(Barrier::new(parties).unwrap()), Stepper::default());
        let answers = Rc::new(RefCell::new(BTreeMap::new()));
        // What each party is told; who is not in here and not in `waiting` was cancelled.
        let (mut expected, mut waiting, mut broken) = (BTreeMap::new(), Vec::new(), false);
        for step in steps {
            match step {
                Step::Come => {
                    let (barrier, answers) = (barrier.clone(), answers.clone());
                    let number = stepper.start(|number| async move {
                        let answer = barrier.wait().await;
                        answers.borrow_mut().insert(number, answer);
                    });
                    if broken {
                        expected.insert(number, Err(BrokenBarrierError));
                        continue;
                    }
                    waiting.push(number);
                    if waiting.len() == parties {
                        let passing = waiting.drain(..).enumerate();
                        expected.extend(passing.map(|(index, number)| (number, Ok(index))));
                    }
                }
                Step::Cancel(index) if !stepper.live().is_empty() => {
                    let number = *index.get(&stepper.live());
                    stepper.cancel(number);
                    waiting.retain(|other| *other != number);
                    expected.remove(&number);
                }
                Step::Cancel(_) => {}
                Step::Abort | Step::Reset => {
                    broken = matches!(step, Step::Abort);
                    if broken { barrier.abort() } else { barrier.reset() }
                    let away = waiting.drain(..);
                    expected.extend(away.map(|number| (number, Err(BrokenBarrierError))));
                }
                Step::Poll => drop(stepper.step()),
            }
            prop_assert_eq!(barrier.n_waiting(), waiting.len());
            prop_assert_eq!(barrier.broken(), broken);
        }
        stepper.settle();
        prop_assert_eq!(stepper.live(), waiting);
        prop_assert_eq!(&*answers.borrow(), &expected);
    }
}
