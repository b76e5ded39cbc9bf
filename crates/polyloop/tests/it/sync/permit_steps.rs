//! Locks and semaphores under random steps and cancels, against a model of a fair semaphore.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::Pin;
use std::rc::Rc;

use polyloop::sync::{BoundedSemaphore, Lock, Semaphore};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::random;
use super::stepper::Stepper;

#[derive(Clone, Debug)]
enum Step {
    Come,
    Try,
    Cancel(Index),
    CancelFirst,
    Release(Index),
    ReleaseFirst,
    Poll,
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Come),
        1 => Just(Step::Try),
        2 => any::<Index>().prop_map(Step::Cancel),
        2 => Just(Step::CancelFirst),
        4 => any::<Index>().prop_map(Step::Release),
        3 => Just(Step::Poll),
        1 => Just(Step::Settle),
    ]
}

type Guard = Box<dyn Any>;

/// Something that is acquired.
struct Subject {
    permits: usize,
    acquire: Box<dyn Fn() -> Pin<Box<dyn Future<Output = Guard>>>>,
    try_acquire: Box<dyn Fn() -> Option<Guard>>,
    locked: Box<dyn Fn() -> bool>,
}

/// What must be true: who has a permit, who was handed one, who waits, how many are free.
#[derive(Default)]
struct Model {
    free: usize,
    waiting: VecDeque<usize>,
    handed: BTreeSet<usize>,
}

impl Model {
    fn add(&mut self) {
        match self.waiting.pop_front() {
            Some(first) => drop(self.handed.insert(first)),
            None => self.free += 1,
        }
    }

    fn cancel(&mut self, number: usize) {
        self.waiting.retain(|other| *other != number);
        if self.handed.remove(&number) {
            self.add();
        }
    }
}

/// A subject, its model, and the guards that are held, by who holds them.
struct Trial {
    subject: Subject,
    model: Model,
    stepper: Stepper,
    held: Rc<RefCell<BTreeMap<usize, Guard>>>,
    tried: Vec<Guard>,
}

impl Trial {
    fn new(subject: Subject) -> Trial {
        let model = Model { free: subject.permits, ..Model::default() };
        let held = Rc::default();
        Trial { subject, model, stepper: Stepper::default(), held, tried: Vec::new() }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Come => self.come(),
            Step::Try => {
                let guard = (self.subject.try_acquire)();
                assert_eq!(
                    guard.is_some(),
                    self.model.free > 0,
                    "a newcomer is served if it is free"
                );
                self.model.free -= usize::from(guard.is_some());
                self.tried.extend(guard);
            }
            Step::Cancel(index) => {
                let live = self.stepper.live();
                self.cancel((!live.is_empty()).then(|| *index.get(&live)));
            }
            Step::CancelFirst => self.cancel(self.stepper.first_live()),
            Step::Release(index) => self.release(|holders| *index.get(holders)),
            Step::ReleaseFirst => self.release(|holders| holders[0]),
            Step::Poll => {
                self.stepper.step();
            }
            Step::Settle => self.settle(),
        }
        self.check();
    }

    fn come(&mut self) {
        let (held, acquired) = (self.held.clone(), (self.subject.acquire)());
        let number = self.stepper.start(|number| async move {
            let guard = acquired.await;
            held.borrow_mut().insert(number, guard);
        });
        if self.model.free > 0 {
            self.model.free -= 1;
            assert!(!self.stepper.is_live(number), "who finds a free permit does not wait");
        } else {
            self.model.waiting.push_back(number);
        }
    }

    fn release(&mut self, choose: impl FnOnce(&[usize]) -> usize) {
        let holders: Vec<usize> = self.held.borrow().keys().copied().collect();
        let guard = match self.tried.pop() {
            Some(guard) => guard,
            None if holders.is_empty() => return,
            None => self.held.borrow_mut().remove(&choose(&holders)).unwrap(),
        };
        self.model.add();
        drop(guard);
    }

    fn cancel(&mut self, number: Option<usize>) {
        if let Some(number) = number {
            self.stepper.cancel(number);
            self.model.cancel(number);
        }
    }

    /// Whoever was handed a permit has it when all who were woken have run.
    fn settle(&mut self) {
        self.stepper.settle();
        for number in std::mem::take(&mut self.model.handed) {
            assert!(!self.stepper.is_live(number), "{number} was handed a permit but not woken");
        }
        assert_eq!(self.model.waiting, self.stepper.live(), "exactly these wait, in this order");
    }

    fn check(&mut self) {
        self.model.handed.retain(|number| self.stepper.is_live(*number));
        assert_eq!((self.subject.locked)(), self.model.free == 0);
        for number in &self.model.waiting {
            assert!(self.stepper.is_live(*number), "{number} overtook those before it");
        }
        let held = self.held.borrow().len() + self.tried.len() + self.model.handed.len();
        assert_eq!(held + self.model.free, self.subject.permits, "no permit is lost or made");
    }
}

fn try_all(subject: Subject, steps: &[Step]) {
    let mut trial = Trial::new(subject);
    steps.iter().for_each(|step| trial.take(step));
    // In the end all are served.
    trial.take(&Step::Settle);
    while !trial.stepper.live().is_empty() {
        trial.take(&Step::ReleaseFirst);
        trial.take(&Step::Settle);
    }
}

proptest! {
    #![proptest_config(random())]

    #[test]
    fn a_lock_is_fair_and_never_lost(steps in vec(step(), 1..120)) {
        let lock = Rc::new(Lock::new("value"));
        let (first, second, third) = (lock.clone(), lock.clone(), lock);
        try_all(Subject {
            permits: 1,
            acquire: Box::new(move || {
                let lock = first.clone();
                Box::pin(async move { Box::new(lock.lock_owned().await) as Guard })
            }),
            try_acquire: Box::new(move || {
                let guard = second.clone().try_lock_owned()?;
                assert_eq!(*guard, "value");
                Some(Box::new(guard))
            }),
            locked: Box::new(move || third.locked()),
        }, &steps);
    }

    #[test]
    fn a_semaphore_is_fair_and_loses_no_permit(permits in 1..4usize, steps in vec(step(), 1..120)) {
        let semaphore = Rc::new(Semaphore::new(permits));
        let (first, second, third) = (semaphore.clone(), semaphore.clone(), semaphore);
        try_all(Subject {
            permits,
            acquire: Box::new(move || {
                let semaphore = first.clone();
                Box::pin(async move { Box::new(semaphore.acquire_owned().await) as Guard })
            }),
            try_acquire: Box::new(move || Some(Box::new(second.try_acquire_owned()?))),
            locked: Box::new(move || third.locked()),
        }, &steps);
    }

    #[test]
    fn a_bounded_semaphore_is_fair_and_keeps_its_bound(
        permits in 1..4usize,
        steps in vec(step(), 1..120),
    ) {
        let semaphore = Rc::new(BoundedSemaphore::new(permits));
        let (first, second, third) = (semaphore.clone(), semaphore.clone(), semaphore);
        try_all(Subject {
            permits,
            acquire: Box::new(move || {
                let semaphore = first.clone();
                Box::pin(async move { Box::new(semaphore.acquire_owned().await) as Guard })
            }),
            try_acquire: Box::new(move || Some(Box::new(second.try_acquire_owned()?))),
            locked: Box::new(move || {
                assert!(third.release().is_err(), "no permit was forgotten");
                third.locked()
            }),
        }, &steps);
    }
}
