use std::cell::RefCell;
use std::rc::Rc;

use polyloop::sync::Event;
use polyloop::{create_task, yield_now};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::random;
use super::stepper::Stepper;
use crate::{Log, run};

#[test]
fn set_releases_all_in_the_order_in_which_they_came() {
    run(async {
        let (event, log) = (Rc::new(Event::new()), Log::default());
        let tasks: Vec<_> = (0..3)
            .map(|n| {
                let (event, log) = (event.clone(), log.clone());
                create_task(async move {
                    event.wait().await;
                    log.push(n.to_string());
                })
            })
            .collect();
        yield_now().await;
        assert!(!event.is_set());
        event.set();
        event.set();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(log.take(), ["0", "1", "2"]);
    });
}

#[test]
fn who_waited_is_released_even_if_the_event_is_cleared_at_once() {
    run(async {
        let event = Rc::new(Event::default());
        let waiter = event.clone();
        let task = create_task(async move { waiter.wait().await });
        yield_now().await;
        event.set();
        event.clear();
        assert!(!event.is_set());
        task.await.unwrap();
    });
}

#[test]
fn waiting_for_what_is_set_does_not_yield() {
    run(async {
        let (event, log) = (Event::new(), Log::default());
        let late = log.clone();
        create_task(async move { late.push("task") }).detach();
        event.set();
        event.wait().await;
        log.push("waiter");
        assert_eq!(log.take(), ["waiter"]);
    });
}

#[derive(Clone, Debug)]
enum Step {
    Come,
    Set,
    Clear,
    Cancel(Index),
    Poll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Come),
        1 => Just(Step::Set),
        1 => Just(Step::Clear),
        1 => any::<Index>().prop_map(Step::Cancel),
        2 => Just(Step::Poll),
    ]
}

proptest! {
    #![proptest_config(random())]

    #[test]
    fn nobody_waits_who_was_there_when_it_was_set(steps in vec(step(), 1..100)) {
        let (event, mut stepper) = (Rc::new(Event::new()), Stepper::default());
        let passed = Rc::new(RefCell::new(Vec::new()));
        let (mut is_set, mut waiting) = (false, Vec::new());
        for step in steps {
            match step {
                Step::Come => {
                    let (event, passed) = (event.clone(), passed.clone());
                    let number = stepper.start(|number| async move {
                        event.wait().await;
                        passed.borrow_mut().push(number);
                    });
                    prop_assert_eq!(stepper.is_live(number), !is_set);
                    waiting.extend((!is_set).then_some(number));
                }
                Step::Set => {
                    event.set();
                    (is_set, waiting) = (true, Vec::new());
                }
                Step::Clear => {
                    event.clear();
                    is_set = false;
                }
                Step::Cancel(index) if !stepper.live().is_empty() => {
                    let number = *index.get(&stepper.live());
                    stepper.cancel(number);
                    waiting.retain(|other| *other != number);
                }
                Step::Cancel(_) => {}
                Step::Poll => drop(stepper.step()),
            }
            prop_assert_eq!(event.is_set(), is_set);
            prop_assert!(waiting.iter().all(|number| stepper.is_live(*number)));
        }
        stepper.settle();
        prop_assert_eq!(stepper.live(), waiting);
    }
}
