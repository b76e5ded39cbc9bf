//! Queues under random steps and cancels, checked by what must be true of what happened.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::rc::Rc;

use polyloop::{LifoQueue, PriorityQueue, Queue, QueueGetError, QueuePutError, QueueShutDown};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::reference::{AnyQueue, History, Item, Reference};
use crate::sync::random;
use crate::sync::stepper::Stepper;

#[derive(Clone, Debug)]
enum Step {
    Put(u8),
    PutNowait(u8),
    Get,
    GetNowait,
    Join,
    TaskDone,
    Cancel(Index),
    CancelFirst,
    Poll,
    Settle,
    ShutDown(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        60 => any::<u8>().prop_map(Step::Put),
        10 => any::<u8>().prop_map(Step::PutNowait),
        60 => Just(Step::Get),
        10 => Just(Step::GetNowait),
        5 => Just(Step::Join),
        30 => Just(Step::TaskDone),
        20 => any::<Index>().prop_map(Step::Cancel),
        30 => Just(Step::CancelFirst),
        50 => Just(Step::Poll),
        10 => Just(Step::Settle),
        1 => any::<bool>().prop_map(Step::ShutDown),
    ]
}

struct Trial<Q, R> {
    queue: Rc<Q>,
    maxsize: usize,
    stepper: Stepper,
    history: Rc<RefCell<History<R>>>,
    getters: BTreeSet<usize>,
    putters: BTreeSet<usize>,
    joiners: BTreeSet<usize>,
    items: usize,
    shut_down: bool,
}

impl<Q: AnyQueue, R: Reference> Trial<Q, R> {
    fn new(maxsize: usize) -> Trial<Q, R> {
        Trial {
            queue: Rc::new(Q::make(maxsize)),
            maxsize,
            stepper: Stepper::default(),
            history: Rc::default(),
            getters: BTreeSet::new(),
            putters: BTreeSet::new(),
            joiners: BTreeSet::new(),
            items: 0,
            shut_down: false,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Put(priority) => self.put(priority),
            Step::PutNowait(priority) => self.put_nowait(priority),
            Step::Get => self.get(),
            Step::GetNowait => self.get_nowait(),
            Step::Join => self.join(),
            Step::TaskDone => {
                let mut history = self.history.borrow_mut();
                assert_eq!(self.queue.task_done(), history.unfinished > 0);
                history.unfinished = history.unfinished.saturating_sub(1);
            }
            Step::Cancel(index) => {
                let live = self.stepper.live();
                self.cancel((!live.is_empty()).then(|| *index.get(&live)));
            }
            Step::CancelFirst => self.cancel(self.stepper.first_live()),
            Step::Poll => drop(self.stepper.step()),
            Step::Settle => self.settle(),
            Step::ShutDown(immediate) => self.shut_down(immediate),
        }
        self.check();
    }

    fn next_item(&mut self, priority: u8) -> Item {
        self.items += 1;
        (priority, self.items)
    }

    fn put(&mut self, priority: u8) {
        let (queue, history, item) =
            (self.queue.clone(), self.history.clone(), self.next_item(priority));
        let waiting = self.live(&self.putters);
        let number = self.stepper.start(|number| async move {
            let result = queue.put(item).await;
            let mut history = history.borrow_mut();
            match result {
                Ok(()) => history.put(item),
                Err(QueueShutDown(back)) => {
                    assert_eq!(back, item);
                }
            }
            history.served.push(number);
        });
        self.putters.insert(number);
        self.after_first_poll(number, &waiting);
    }

    fn get(&mut self) {
        let (queue, history) = (self.queue.clone(), self.history.clone());
        let waiting = self.live(&self.getters);
        let number = self.stepper.start(|number| async move {
            let result = queue.get().await;
            let mut history = history.borrow_mut();
            match result {
                Ok(item) => history.got(item, Some(number)),
                Err(QueueShutDown(())) => {
                    assert_eq!(history.len(), 0, "an item is left");
                }
            }
            history.served.push(number);
        });
        self.getters.insert(number);
        if self.stepper.is_live(number) {
            self.history.borrow_mut().waiting.push_back(number);
        }
        self.after_first_poll(number, &waiting);
    }

    /// Who was served at once has overtaken nobody: those who waited had been promised theirs.
    fn after_first_poll(&mut self, number: usize, waiting: &[usize]) {
        if self.stepper.is_live(number) {
            return;
        }
        self.history.borrow_mut().served.retain(|other| *other != number);
        if waiting.is_empty() {
            return;
        }
        self.stepper.settle();
        let overtaken = waiting.iter().find(|other| self.stepper.is_live(**other));
        assert_eq!(overtaken, None, "{number} overtook");
    }

    fn put_nowait(&mut self, priority: u8) {
        let item = self.next_item(priority);
        let full = self.queue.full();
        match self.queue.put_nowait(item) {
            Ok(()) => {
                assert!(!full && !self.shut_down);
                self.history.borrow_mut().put(item);
            }
            Err(QueuePutError::Full(back)) => {
                assert!(full && !self.shut_down);
                assert_eq!(back.0, item);
            }
            Err(QueuePutError::ShutDown(back)) => {
                assert!(self.shut_down);
                assert_eq!(back.0, item);
            }
        }
    }

    fn get_nowait(&mut self) {
        let any = self.queue.qsize() > 0;
        match self.queue.get_nowait() {
            Ok(item) => {
                assert!(any);
                self.history.borrow_mut().got(item, None);
            }
            Err(QueueGetError::Empty(_)) => assert!(!any),
            Err(QueueGetError::ShutDown(_)) => {
                assert!(self.shut_down && self.history.borrow().len() == 0);
            }
        }
    }

    fn join(&mut self) {
        let (queue, finished) = (self.queue.clone(), self.history.borrow().unfinished == 0);
        let number = self.stepper.start(|_| async move { queue.join().await });
        assert_eq!(self.stepper.is_live(number), !finished);
        self.joiners.insert(number);
    }

    fn cancel(&mut self, number: Option<usize>) {
        if let Some(number) = number {
            self.stepper.cancel(number);
            self.history.borrow_mut().cancel(number);
        }
    }

    fn shut_down(&mut self, immediate: bool) {
        self.queue.shutdown(immediate);
        self.shut_down = true;
        if immediate {
            let mut history = self.history.borrow_mut();
            let dropped = history.len();
            history.items = R::default();
            history.handed.clear();
            history.unfinished = history.unfinished.saturating_sub(dropped);
        }
    }

    fn live(&self, numbers: &BTreeSet<usize>) -> Vec<usize> {
        numbers.iter().copied().filter(|number| self.stepper.is_live(*number)).collect()
    }

    /// When all who were woken have run, nobody waits for what is there.
    fn settle(&mut self) {
        self.stepper.settle();
        let (getters, putters) = (self.live(&self.getters), self.live(&self.putters));
        let items = self.history.borrow().len();
        assert_eq!(self.queue.qsize(), items, "an item was lost, or one was made");
        assert!(getters.is_empty() || items == 0, "{getters:?} wait with {items} items");
        assert!(putters.is_empty() || items == self.maxsize, "{putters:?} wait with room");
        if self.shut_down {
            assert!(getters.is_empty() && putters.is_empty(), "{getters:?}, {putters:?}");
        }
        if self.history.borrow().unfinished == 0 {
            assert_eq!(self.live(&self.joiners), []);
        }
    }

    fn check(&mut self) {
        // A joiner is released by the moment in which all is done, not by what comes after.
        if self.history.borrow().unfinished == 0 {
            self.settle();
        }
        let history = self.history.borrow();
        assert!(self.maxsize == 0 || history.len() <= self.maxsize);
        for kind in [&self.getters, &self.putters] {
            let served = history.served.iter().filter(|number| kind.contains(number));
            assert!(served.is_sorted(), "first come, first served: {:?}", history.served);
        }
    }
}

fn try_all<Q: AnyQueue, R: Reference>(maxsize: usize, steps: Vec<Step>) {
    let mut trial = Trial::<Q, R>::new(maxsize);
    steps.into_iter().for_each(|step| trial.take(step));
    trial.take(Step::Settle);
    trial.take(Step::ShutDown(false));
    trial.take(Step::Settle);
    while trial.queue.qsize() > 0 {
        trial.take(Step::GetNowait);
    }
}

proptest! {
    #![proptest_config(random())]

    #[test]
    fn a_queue_loses_nothing_and_is_fair(maxsize in 0..4usize, steps in vec(step(), 1..150)) {
        try_all::<Queue<Item>, VecDeque<Item>>(maxsize, steps);
    }

    #[test]
    fn a_lifo_queue_loses_nothing_and_is_fair(maxsize in 0..4usize, steps in vec(step(), 1..150)) {
        try_all::<LifoQueue<Item>, Vec<Item>>(maxsize, steps);
    }

    #[test]
    fn a_priority_queue_loses_nothing_and_is_fair(
        maxsize in 0..4usize,
        steps in vec(step(), 1..150),
    ) {
        try_all::<PriorityQueue<Item>, BinaryHeap<Reverse<Item>>>(maxsize, steps);
    }
}
