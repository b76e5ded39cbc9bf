use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::lock_guard::{LockGuard, OwnedLockGuard};
use super::permits::Permits;
use crate::task::Awaited;

/// Protects a value that tasks of one loop use in turn, across awaits: asyncio's `Lock`.
///
/// `Lock<()>` protects no value, as in asyncio. Between two awaits nothing else runs on a loop, so
/// a value that is used without awaiting needs only a [`Cell`](std::cell::Cell) or a
/// [`RefCell`]. A lock is for holding on to something while awaiting.
///
/// Who asks first is served first. A panic while it is held releases it; it is not poisoned.
///
/// # Examples
///
/// Tasks share it in an [`Rc`]. Inside an async block the borrowed guard of [`lock`](Lock::lock)
/// is all that is needed, because the block owns its clone of the `Rc`:
///
/// ```
/// use std::rc::Rc;
/// use polyloop::sync::Lock;
///
/// polyloop::run(async {
///     let log = Rc::new(Lock::new(Vec::new()));
///     let writers = ["a", "b"].map(|name| {
///         let log = log.clone();
///         async move {
///             let mut lines = log.lock().await;
///             lines.push(format!("{name} begins"));
///             polyloop::yield_now().await; // nobody else gets in here
///             lines.push(format!("{name} ends"));
///         }
///     });
///     polyloop::gather(writers).await?;
///     assert_eq!(*log.lock().await, ["a begins", "a ends", "b begins", "b ends"]);
///     Ok::<(), polyloop::TaskError>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Lock<T = ()> {
    /// One permit: whoever has it may use the value.
    pub(super) permits: Permits,
    /// Is `None` exactly while an owned guard holds the value.
    pub(super) value: RefCell<Option<T>>,
}

impl<T> Lock<T> {
    /// Makes a lock that nobody holds.
    pub const fn new(value: T) -> Lock<T> {
        Lock { permits: Permits::new(1, Awaited::Lock), value: RefCell::new(Some(value)) }
    }

    /// Waits until it is this caller's turn, and holds the lock until the guard is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives up the place in the queue. If the lock was handed over already, it goes
    /// to the next in the queue.
    pub async fn lock(&self) -> LockGuard<'_, T> {
        self.permits.take().await;
        LockGuard::new(self, self.permits.guard())
    }

    /// Does what [`lock`](Lock::lock) does, under asyncio's name.
    ///
    /// # Cancel safety
    ///
    /// As for [`lock`](Lock::lock).
    pub async fn acquire(&self) -> LockGuard<'_, T> {
        self.lock().await
    }

    /// Locks if nobody holds the lock or waits for it.
    pub fn try_lock(&self) -> Option<LockGuard<'_, T>> {
        Some(LockGuard::new(self, self.permits.try_acquire()?))
    }

    /// Locks with a guard that keeps the lock alive: for a guard that is kept in a struct, or
    /// given to a task.
    ///
    /// The value is moved into the guard, and back when that is dropped.
    ///
    /// # Cancel safety
    ///
    /// As for [`lock`](Lock::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::rc::Rc;
    /// # use polyloop::sync::Lock;
    /// polyloop::run(async {
    ///     let lock = Rc::new(Lock::new(1));
    ///     let mut guard = lock.clone().lock_owned().await;
    ///     let task = polyloop::create_task(async move { *guard += 1 });
    ///     assert!(lock.locked());
    ///     assert_eq!(*lock.lock().await, 2);
    ///     task.await
    /// })??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn lock_owned(self: Rc<Self>) -> OwnedLockGuard<T> {
        self.permits.take().await;
        OwnedLockGuard::new(self)
    }

    /// Does what [`lock_owned`](Lock::lock_owned) does, if nobody holds the lock or waits for it.
    pub fn try_lock_owned(self: Rc<Self>) -> Option<OwnedLockGuard<T>> {
        self.permits.try_take().then(|| OwnedLockGuard::new(self))
    }

    /// Tells whether somebody holds the lock, or it was just handed to somebody.
    pub fn locked(&self) -> bool {
        self.permits.available() == 0
    }

    /// Gives the value without locking: nobody else can have the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut().as_mut().expect(UNSHARED)
    }

    /// Gives the value.
    pub fn into_inner(self) -> T {
        self.value.into_inner().expect(UNSHARED)
    }
}

/// An owned guard holds an `Rc` of the lock, so there is none when the lock is not shared.
const UNSHARED: &str = "only an owned guard takes the value out, and it shares the lock";

impl<T: Default> Default for Lock<T> {
    fn default() -> Lock<T> {
        Lock::new(T::default())
    }
}

impl<T> From<T> for Lock<T> {
    fn from(value: T) -> Lock<T> {
        Lock::new(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Lock");
        match self.try_lock() {
            Some(guard) => text.field("value", &*guard).finish(),
            None => text.field("value", &format_args!("<locked>")).finish(),
        }
    }
}
