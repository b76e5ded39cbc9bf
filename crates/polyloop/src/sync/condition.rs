use std::fmt;

use super::lock_guard::LockGuard;
use super::waiters::Waiters;
use super::waiting::{Line, Shared};
use super::wakes::Wakes;
use crate::task::Awaited;

/// Lets tasks that hold a [`Lock`](super::Lock) wait until another says that what it protects has
/// changed: asyncio's `Condition`.
///
/// A condition has no lock of its own: [`wait`](Condition::wait) takes the guard of one, releases
/// it while it waits, and gives it back. Several conditions can so share a lock (*not empty* and
/// *not full* of one buffer), and what asyncio checks at run time, that the waiter holds the lock,
/// the type system checks.
///
/// # Without the lock
///
/// Asyncio raises `RuntimeError` when [`notify`](Condition::notify) is called and the lock is not
/// held. Here that is allowed, as for [`std::sync::Condvar`]: who holds no guard cannot have
/// changed the value that the lock protects, and no waiter can miss the call, because
/// between looking at the value and waiting it does not await. Without the lock, others may run
/// between the notification and the waiter, as they always may; [`wait_for`](Condition::wait_for)
/// looks again.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use polyloop::sync::{Condition, Lock};
///
/// polyloop::run(async {
///     let shared = Rc::new((Lock::new(Vec::new()), Condition::new()));
///     let consumer = shared.clone();
///     let task = polyloop::create_task(async move {
///         let (lock, not_empty) = &*consumer;
///         let guard = lock.lock().await;
///         let mut items = not_empty.wait_for(guard, |items| !items.is_empty()).await;
///         items.pop()
///     });
///     let (lock, not_empty) = &*shared;
///     lock.lock().await.push("item");
///     not_empty.notify(1);
///     assert_eq!(task.await?, Some("item"));
///     Ok::<(), polyloop::TaskError>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Condition {
    shared: Shared<Audience>,
}

/// Who waits to be notified.
struct Audience {
    waiters: Waiters,
}

/// A notification that has arrived. Dropped, it goes to the next waiter.
struct Notification<'a>(&'a Condition);

impl Condition {
    /// Makes a condition for which nobody waits.
    pub const fn new() -> Condition {
        Condition { shared: Shared::new(Audience { waiters: Waiters::new() }) }
    }

    /// Releases the lock, waits for a notification, and locks again.
    ///
    /// The place in the queue is taken before the lock is released. A notification can reach a
    /// waiter for which it was not meant, when the one that it was meant for was cancelled; look
    /// at the value, or use [`wait_for`](Condition::wait_for).
    ///
    /// # Cancel safety
    ///
    /// The guard went into this call, so a caller who drops it does not hold the lock (asyncio's
    /// `wait` locks again first). A notification that was on its way goes to the next who waits,
    /// also when it arrived and only the lock was still missing.
    pub async fn wait<'a, T>(&self, guard: LockGuard<'a, T>) -> LockGuard<'a, T> {
        let lock = LockGuard::lock(&guard);
        let waiting = self.shared.join::<Audience>();
        drop(guard);
        waiting.await;
        let notification = Notification(self);
        let guard = lock.lock().await;
        notification.accept();
        guard
    }

    /// Waits until a predicate holds for what the lock protects; not at all if it does.
    ///
    /// It is asked while the lock is held, and again after each notification.
    ///
    /// # Cancel safety
    ///
    /// As for [`wait`](Condition::wait).
    pub async fn wait_for<'a, T>(
        &self,
        mut guard: LockGuard<'a, T>,
        mut predicate: impl FnMut(&mut T) -> bool,
    ) -> LockGuard<'a, T> {
        while !predicate(&mut guard) {
            guard = self.wait(guard).await;
        }
        guard
    }

    /// Wakes the first `count` of those who wait, or all if there are fewer.
    ///
    /// They go on when they have the lock again. The caller need not hold it.
    pub fn notify(&self, count: usize) {
        self.shared.update(|audience, wakes| {
            for _ in 0..count {
                if !audience.waiters.grant_first((), wakes) {
                    break;
                }
            }
        });
    }

    /// Wakes all who wait. The caller need not hold the lock.
    pub fn notify_all(&self) {
        self.notify(usize::MAX);
    }
}

impl Notification<'_> {
    fn accept(self) {
        std::mem::forget(self);
    }
}

impl Drop for Notification<'_> {
    fn drop(&mut self) {
        self.0.notify(1);
    }
}

impl Default for Condition {
    fn default() -> Condition {
        Condition::new()
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.shared.read(|audience| audience.waiters.queued());
        f.debug_struct("Condition").field("waiting", &waiting).finish_non_exhaustive()
    }
}

impl Line for Audience {
    type State = Audience;
    type Grant = ();
    type Output = ();

    fn waiters(audience: &mut Audience) -> &mut Waiters {
        &mut audience.waiters
    }

    fn awaited(_: &Audience) -> Awaited {
        Awaited::Notification
    }

    fn take(_: &mut Audience, (): (), _: &mut Wakes) {}

    fn pass_on(audience: &mut Audience, (): (), wakes: &mut Wakes) {
        audience.waiters.grant_first((), wakes);
    }
}
