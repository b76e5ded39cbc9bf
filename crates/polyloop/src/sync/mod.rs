//! Locks, events, conditions, semaphores and barriers between the tasks of one loop.
//!
//! They have asyncio's names and meanings. Each belongs to one thread (the compiler refuses to
//! send it to another) and is shared by [`Rc`](std::rc::Rc). None needs a loop: they call
//! nothing but the standard wakers, so they work in any executor that keeps to one thread. In the
//! steady state they allocate nothing.
//!
//! # Fairness
//!
//! Who asks first is served first. What becomes free is *handed over* to the first in the queue
//! at that moment: nobody who comes later gets it, even if the one in the queue has not run yet.
//! Until then it counts as taken.
//!
//! # When a waiter goes away
//!
//! A place in a queue is taken at the first poll, and given up by dropping the future: by
//! cancelling its task, for example, or when a [`timeout`](fn@crate::timeout) ends. Whoever is
//! dropped with something in hand that it has not used yet (a lock, a permit, a notification) passes
//! it on to the next. Nothing is lost, and the order of the others stays.
//!
//! A future that is *forgotten* ([`std::mem::forget`]) keeps its place for ever, and what is
//! handed to it is gone.
//!
//! # Between threads
//!
//! Nothing here crosses threads. For that, use channels that do, as in the `async-channel` crate:
//! one end waits in a task, the other blocks its thread.
//!
//! ```
//! let (requests, inbox) = async_channel::bounded::<u32>(8);
//! let (outbox, answers) = async_channel::bounded::<u32>(8);
//!
//! let thread = std::thread::spawn(move || {
//!     while let Ok(number) = inbox.recv_blocking() {
//!         outbox.send_blocking(number * number)?;
//!     }
//!     Ok::<(), async_channel::SendError<u32>>(())
//! });
//!
//! polyloop::run(async move {
//!     for number in 1..=3 {
//!         requests.send(number).await?;
//!     }
//!     drop(requests); // ends the thread, and with it the answers
//!     let mut sum = 0;
//!     while let Ok(square) = answers.recv().await {
//!         sum += square;
//!     }
//!     assert_eq!(sum, 14);
//!     Ok::<(), async_channel::SendError<u32>>(())
//! })??;
//! thread.join().expect("the thread does not panic")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To have something called on the loop's thread, or to run a future there, from another thread:
//! [`LoopHandle`](crate::LoopHandle).
//!
//! A lock stays on its thread:
//!
//! ```compile_fail,E0277
//! let lock = polyloop::sync::Lock::new(0);
//! std::thread::spawn(move || drop(lock));
//! ```

mod barrier;
mod bounded_semaphore;
mod condition;
mod event;
mod lock;
mod lock_guard;
mod permits;
mod semaphore;
mod waiters;
mod waiting;
mod wakes;

pub use barrier::{Barrier, BrokenBarrierError};
pub use bounded_semaphore::BoundedSemaphore;
pub use condition::Condition;
pub use event::Event;
pub use lock::Lock;
pub use lock_guard::{LockGuard, OwnedLockGuard};
pub use semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
pub(crate) use waiters::Waiters;
pub(crate) use waiting::{Line, Shared, Waiting};
pub(crate) use wakes::Wakes;
