use std::fmt;

use polyloop_core::Result;

use super::error::{QueueGetError, QueuePutError, QueueShutDown};
use super::order::{Fifo, Lifo, Smallest};
use super::queue_core::QueueCore;

/// Writes one of the queues, which differ in the order of their items and in nothing else.
///
/// Not one type with a parameter for the order: then `Queue::new` could not tell which is meant.
macro_rules! queue {
    ($(#[$documentation:meta])* $name:ident, $order:ident $(, $bound:ident)?) => {
        $(#[$documentation])*
        pub struct $name<T $(: $bound)?> {
            core: QueueCore<$order<T>>,
        }

        impl<T $(: $bound)?> $name<T> {
            /// Makes an empty queue for at most `maxsize` items; zero is no bound.
            pub fn new(maxsize: usize) -> Self {
                $name { core: QueueCore::new(maxsize) }
            }

            /// Puts an item, and waits for room if the queue is full.
            ///
            /// # Errors
            ///
            /// If the queue is shut down, before or while this waits. The error has the item.
            ///
            /// # Cancel safety
            ///
            /// An item whose `put` is dropped before its end was not put, and is dropped with
            /// it. If a place was kept for it already, that goes to the next who waits.
            pub async fn put(&self, item: T) -> Result<(), QueueShutDown<T>> {
                self.core.put(item).await
            }

            /// Puts an item if there is room and nobody waits for it.
            ///
            /// # Errors
            ///
            /// If the queue is full or shut down. The error has the item.
            pub fn put_nowait(&self, item: T) -> Result<(), QueuePutError<T>> {
                self.core.put_nowait(item)
            }

            /// Takes the next item, and waits for one if the queue is empty.
            ///
            /// # Errors
            ///
            /// If the queue is shut down, and has no item left.
            ///
            /// # Cancel safety
            ///
            /// No item is lost: one that was handed over already goes to the next who waits, or is
            /// in its old place in the queue, ahead of all that were put later.
            pub async fn get(&self) -> Result<T, QueueShutDown> {
                self.core.get().await
            }

            /// Takes the next item if there is one and nobody waits for it.
            ///
            /// # Errors
            ///
            /// If there is none, or if the queue is shut down and has no item left.
            pub fn get_nowait(&self) -> Result<T, QueueGetError> {
                self.core.get_nowait()
            }

            /// Tells how many items there are to be had.
            ///
            /// One that was handed to a getter no longer counts, even if he has not run yet.
            pub fn qsize(&self) -> usize {
                self.core.qsize()
            }

            /// Tells whether there is nothing that [`get_nowait`](Self::get_nowait) could take.
            pub fn empty(&self) -> bool {
                self.core.qsize() == 0
            }

            /// Tells whether there is no room that [`put_nowait`](Self::put_nowait) could use.
            /// A queue without a bound is never full.
            ///
            /// An item that was handed to a getter takes room until he has run, and so does one
            /// that is still to come from a putter to whom a place was handed. So a queue can be
            /// full for a moment with fewer than `maxsize` items to be had.
            pub fn full(&self) -> bool {
                self.core.full()
            }

            /// Gives the bound; zero is none.
            pub fn maxsize(&self) -> usize {
                self.core.maxsize()
            }

            /// Waits until every item that was put was marked done by
            /// [`task_done`](Self::task_done); not at all if there is none.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost.
            pub async fn join(&self) {
                self.core.join().await;
            }

            /// Marks one item done: what was to be done with an item that was taken is done.
            ///
            /// # Errors
            ///
            /// *Invalid input* if no item is left to be marked: it was called more often than
            /// items were put. The queue stays as it is.
            pub fn task_done(&self) -> Result<()> {
                self.core.task_done()
            }

            /// Shuts the queue down: nothing can be put any more, and who waits to put gets the
            /// item back.
            ///
            /// What is in the queue can still be taken; who waits for an item beyond that gets an
            /// error. If it is to be immediate, the items are dropped too, and count as done, and
            /// who waits for an item gets an error, even if one was handed to him.
            ///
            /// A second call can still make it immediate, and else changes nothing.
            pub fn shutdown(&self, immediate: bool) {
                self.core.shutdown(immediate);
            }
        }

        impl<T $(: $bound)?> Default for $name<T> {
            /// Makes an empty queue without a bound.
            fn default() -> Self {
                $name::new(0)
            }
        }

        impl<T $(: $bound)?> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("qsize", &self.qsize())
                    .field("maxsize", &self.maxsize())
                    .finish_non_exhaustive()
            }
        }
    };
}

queue! {
    /// Hands items from tasks to tasks of one loop, first in, first out: asyncio's `Queue`.
    ///
    /// Who waits to put or to get is served first come, first served: an item, or a place for one,
    /// is handed to the first who waits at the moment in which it is there, and nobody who comes
    /// later gets it ([what if he goes away](crate::sync#when-a-waiter-goes-away)). It is shared
    /// by [`Rc`](std::rc::Rc), and does not leave its thread; see
    /// [between threads](crate::sync#between-threads) for what does.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use polyloop::{Queue, QueueShutDown, create_task};
    ///
    /// polyloop::run(async {
    ///     let jobs = Rc::new(Queue::new(2));
    ///     let source = jobs.clone();
    ///     let producer = create_task(async move {
    ///         for job in 1..=5 {
    ///             source.put(job).await?;
    ///         }
    ///         source.shutdown(false);
    ///         Ok::<(), QueueShutDown<i32>>(())
    ///     });
    ///     let mut sum = 0;
    ///     while let Ok(job) = jobs.get().await {
    ///         sum += job;
    ///         jobs.task_done()?;
    ///     }
    ///     jobs.join().await;
    ///     producer.await.expect("the producer does not panic").expect("who shuts down is done");
    ///     assert_eq!(sum, 15);
    ///     Ok::<(), polyloop::Error>(())
    /// })??;
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    Queue, Fifo
}

queue! {
    /// A [`Queue`] that gives the smallest item first: asyncio's `PriorityQueue`.
    ///
    /// Equal items come out in the order in which they were put. A getter that waited
    /// is sure of an item as soon as there is one, and takes the smallest that is there when it
    /// runs. Wrap items in
    /// [`Reverse`](std::cmp::Reverse) for the largest first.
    ///
    /// # Panics
    ///
    /// Its methods panic if comparing two items does, or if that calls the queue. The order of
    /// the items is unspecified after that.
    ///
    /// # Examples
    ///
    /// ```
    /// use polyloop::PriorityQueue;
    ///
    /// polyloop::run(async {
    ///     let jobs = PriorityQueue::new(0);
    ///     for job in [(2, "wash"), (1, "cook"), (3, "rest")] {
    ///         jobs.put_nowait(job)?;
    ///     }
    ///     assert_eq!(jobs.get().await, Ok((1, "cook")));
    ///     assert_eq!(jobs.get().await, Ok((2, "wash")));
    ///     Ok::<(), polyloop::QueuePutError<(i32, &str)>>(())
    /// })??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    PriorityQueue, Smallest, Ord
}

queue! {
    /// A [`Queue`] that gives the item first that was put last: asyncio's `LifoQueue`.
    ///
    /// A getter that waited is sure of an item as soon as there is one, and takes the last that is
    /// there when it runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use polyloop::LifoQueue;
    ///
    /// let undo = LifoQueue::default();
    /// undo.put_nowait("first")?;
    /// undo.put_nowait("second")?;
    /// assert_eq!(undo.get_nowait()?, "second");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    LifoQueue, Lifo
}
