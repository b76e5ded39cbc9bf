//! What the three queues have in common, and what each must hold and give.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use polyloop::{LifoQueue, PriorityQueue, Queue, QueueGetError, QueuePutError, QueueShutDown};

/// An item: its priority, and a number that no other has.
pub(super) type Item = (u8, usize);

/// What the three queues have in common.
#[allow(async_fn_in_trait, reason = "the test needs no bounds on the futures")]
pub(super) trait AnyQueue: 'static {
    fn make(maxsize: usize) -> Self;
    async fn put(&self, item: Item) -> Result<(), QueueShutDown<Item>>;
    async fn get(&self) -> Result<Item, QueueShutDown>;
    async fn join(&self);
    fn put_nowait(&self, item: Item) -> Result<(), QueuePutError<Item>>;
    fn get_nowait(&self) -> Result<Item, QueueGetError>;
    fn qsize(&self) -> usize;
    fn full(&self) -> bool;
    fn task_done(&self) -> bool;
    fn shutdown(&self, immediate: bool);
}

macro_rules! any_queue {
    ($($name:ident)*) => {$(
        impl AnyQueue for $name<Item> {
            fn make(maxsize: usize) -> Self { $name::new(maxsize) }
            async fn put(&self, item: Item) -> Result<(), QueueShutDown<Item>> {
                $name::put(self, item).await
            }
            async fn get(&self) -> Result<Item, QueueShutDown> { $name::get(self).await }
            async fn join(&self) { $name::join(self).await }
            fn put_nowait(&self, item: Item) -> Result<(), QueuePutError<Item>> {
                $name::put_nowait(self, item)
            }
            fn get_nowait(&self) -> Result<Item, QueueGetError> { $name::get_nowait(self) }
            fn qsize(&self) -> usize { $name::qsize(self) }
            fn full(&self) -> bool { $name::full(self) }
            fn task_done(&self) -> bool { $name::task_done(self).is_ok() }
            fn shutdown(&self, immediate: bool) { $name::shutdown(self, immediate) }
        }
    )*};
}

any_queue! { Queue LifoQueue PriorityQueue }

/// What a queue of one kind must hold and give.
pub(super) trait Reference: Default + 'static {
    /// Whether a getter who waits is handed a certain item, not just any.
    const HANDS_OVER: bool;

    fn push(&mut self, item: Item);
    fn pop(&mut self) -> Option<Item>;
    fn len(&self) -> usize;

    /// Takes an item back that was handed to somebody who has gone away; `arrived` has the numbers
    /// of all items in the order in which they came in.
    fn put_back(&mut self, _: Item, _arrived: &[usize]) {
        unreachable!("nothing was handed over");
    }
}

impl Reference for VecDeque<Item> {
    const HANDS_OVER: bool = true;

    fn put_back(&mut self, item: Item, arrived: &[usize]) {
        self.push_front(item);
        let place = |number: usize| arrived.iter().position(|other| *other == number);
        self.make_contiguous().sort_by_key(|(_, number)| place(*number));
    }
    fn push(&mut self, item: Item) {
        self.push_back(item);
    }
    fn pop(&mut self) -> Option<Item> {
        self.pop_front()
    }
    fn len(&self) -> usize {
        VecDeque::len(self)
    }
}

impl Reference for Vec<Item> {
    const HANDS_OVER: bool = false;

    fn push(&mut self, item: Item) {
        Vec::push(self, item);
    }
    fn pop(&mut self) -> Option<Item> {
        Vec::pop(self)
    }
    fn len(&self) -> usize {
        Vec::len(self)
    }
}

impl Reference for BinaryHeap<Reverse<Item>> {
    const HANDS_OVER: bool = false;

    fn push(&mut self, item: Item) {
        BinaryHeap::push(self, Reverse(item));
    }
    fn pop(&mut self) -> Option<Item> {
        Some(BinaryHeap::pop(self)?.0)
    }
    fn len(&self) -> usize {
        BinaryHeap::len(self)
    }
}

/// What has happened, as the futures saw it.
#[derive(Default)]
pub(super) struct History<R> {
    pub(super) items: R,
    arrived: Vec<usize>,
    /// Who waits for an item, and who was handed which.
    pub(super) waiting: VecDeque<usize>,
    pub(super) handed: BTreeMap<usize, Item>,
    pub(super) unfinished: usize,
    /// Who had to wait and was then served, in that order.
    pub(super) served: Vec<usize>,
}

impl<R: Reference> History<R> {
    pub(super) fn put(&mut self, item: Item) {
        self.items.push(item);
        self.arrived.push(item.1);
        self.unfinished += 1;
        self.hand_over();
    }

    pub(super) fn got(&mut self, item: Item, getter: Option<usize>) {
        let handed = getter.and_then(|getter| self.handed.remove(&getter));
        assert_eq!(handed.or_else(|| self.items.pop()), Some(item), "the next, and no other");
    }

    fn hand_over(&mut self) {
        while R::HANDS_OVER && self.items.len() > 0 {
            let Some(first) = self.waiting.pop_front() else { return };
            self.handed.extend(self.items.pop().map(|item| (first, item)));
        }
    }

    pub(super) fn cancel(&mut self, number: usize) {
        self.waiting.retain(|other| *other != number);
        if let Some(item) = self.handed.remove(&number) {
            self.items.put_back(item, &self.arrived);
            self.hand_over();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len() + self.handed.len()
    }
}
