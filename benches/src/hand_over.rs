use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;

use polyloop::Queue;
use polyloop::sync::Lock;
use smol::channel;

use crate::peer::{Peer, Polyloop, Smol, Tokio};

/// What a peer offers to hand things from task to task: a queue with room for so many, and a lock.
pub trait HandOver: Peer {
    /// A queue's two ends.
    type Queue: Clone + 'static;
    /// A lock that protects nothing.
    type Lock: 'static;

    /// Makes a queue.
    fn queue(&self, room: usize) -> Self::Queue;

    /// Puts an item in, waiting for room.
    fn put(queue: &Self::Queue, item: u64) -> impl Future<Output = ()>;

    /// Takes an item out, waiting for one.
    fn get(queue: &Self::Queue) -> impl Future<Output = u64>;

    /// Makes a lock.
    fn lock(&self) -> Self::Lock;

    /// Waits for the lock and does something under it.
    fn with_lock<R>(lock: &Self::Lock, work: impl Future<Output = R>) -> impl Future<Output = R>;
}

impl HandOver for Polyloop {
    type Queue = Rc<Queue<u64>>;
    type Lock = Lock;

    fn queue(&self, room: usize) -> Self::Queue {
        Rc::new(Queue::new(room))
    }

    async fn put(queue: &Self::Queue, item: u64) {
        queue.put(item).await.expect("nobody shuts the queue down");
    }

    async fn get(queue: &Self::Queue) -> u64 {
        queue.get().await.expect("nobody shuts the queue down")
    }

    fn lock(&self) -> Lock {
        Lock::new(())
    }

    async fn with_lock<R>(lock: &Lock, work: impl Future<Output = R>) -> R {
        let _held = lock.lock().await;
        work.await
    }
}

impl HandOver for Tokio {
    type Queue = Rc<(tokio::sync::mpsc::Sender<u64>, RefCell<tokio::sync::mpsc::Receiver<u64>>)>;
    type Lock = tokio::sync::Mutex<()>;

    fn queue(&self, room: usize) -> Self::Queue {
        let (sender, receiver) = tokio::sync::mpsc::channel(room);
        Rc::new((sender, RefCell::new(receiver)))
    }

    async fn put(queue: &Self::Queue, item: u64) {
        queue.0.send(item).await.expect("the receiver is there");
    }

    async fn get(queue: &Self::Queue) -> u64 {
        poll_fn(|cx| queue.1.borrow_mut().poll_recv(cx)).await.expect("the sender is there")
    }

    fn lock(&self) -> Self::Lock {
        tokio::sync::Mutex::new(())
    }

    async fn with_lock<R>(lock: &Self::Lock, work: impl Future<Output = R>) -> R {
        let _held = lock.lock().await;
        work.await
    }
}

impl HandOver for Smol {
    type Queue = (channel::Sender<u64>, channel::Receiver<u64>);
    type Lock = smol::lock::Mutex<()>;

    fn queue(&self, room: usize) -> Self::Queue {
        channel::bounded(room)
    }

    async fn put(queue: &Self::Queue, item: u64) {
        queue.0.send(item).await.expect("the receiver is there");
    }

    async fn get(queue: &Self::Queue) -> u64 {
        queue.1.recv().await.expect("the sender is there")
    }

    fn lock(&self) -> Self::Lock {
        smol::lock::Mutex::new(())
    }

    async fn with_lock<R>(lock: &Self::Lock, work: impl Future<Output = R>) -> R {
        let _held = lock.lock().await;
        work.await
    }
}
