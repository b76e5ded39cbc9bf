use std::fmt;
use std::rc::Rc;

use super::permits::{Permit, Permits};
use crate::task::Awaited;

/// Lets at most so many tasks do something at once: asyncio's `Semaphore`.
///
/// Who asks first is served first.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use polyloop::sync::Semaphore;
///
/// polyloop::run(async {
///     let at_once = Rc::new(Semaphore::new(2));
///     let tasks = (0..5).map(|n| {
///         let at_once = at_once.clone();
///         async move {
///             let _permit = at_once.acquire().await;
///             polyloop::yield_now().await; // at most two are here
///             n
///         }
///     });
///     assert_eq!(polyloop::gather(tasks).await?, [0, 1, 2, 3, 4]);
///     Ok::<(), polyloop::TaskError>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Semaphore {
    pub(super) permits: Rc<Permits>,
}

/// A permit of a semaphore; dropping it gives it back.
#[derive(Debug)]
#[must_use = "the permit is given back when this is dropped"]
pub struct SemaphorePermit<'a> {
    permit: Permit<'a>,
}

/// A permit that does not borrow its semaphore; dropping it gives it back.
#[derive(Debug)]
#[must_use = "the permit is given back when this is dropped"]
pub struct OwnedSemaphorePermit {
    permits: Rc<Permits>,
    forgotten: bool,
}

impl Semaphore {
    /// Makes a semaphore with that many permits. With none, all wait until
    /// [`release`](Semaphore::release) adds one.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { permits: Rc::new(Permits::new(permits, Awaited::Permit)) }
    }

    /// Waits for a permit, in turn.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives up the place in the queue. If a permit was handed over already, it goes
    /// to the next in the queue.
    pub async fn acquire(&self) -> SemaphorePermit<'_> {
        self.permits.take().await;
        SemaphorePermit { permit: self.permits.guard() }
    }

    /// Waits for a permit that does not borrow the semaphore: to keep in a struct, or to give to
    /// a task.
    ///
    /// # Cancel safety
    ///
    /// As for [`acquire`](Semaphore::acquire).
    pub fn acquire_owned(&self) -> impl Future<Output = OwnedSemaphorePermit> + use<> {
        acquire_owned(self.permits.clone())
    }

    /// Takes a permit if one is available and nobody waits.
    pub fn try_acquire(&self) -> Option<SemaphorePermit<'_>> {
        Some(SemaphorePermit { permit: self.permits.try_acquire()? })
    }

    /// Takes a permit that does not borrow the semaphore, if one is available and nobody waits.
    pub fn try_acquire_owned(&self) -> Option<OwnedSemaphorePermit> {
        let permits = self.permits.clone();
        permits.try_take().then(|| OwnedSemaphorePermit { permits, forgotten: false })
    }

    /// Adds a permit, beyond the initial number if it comes to that.
    ///
    /// A permit's guard gives it back by itself; this is for one that was forgotten
    /// ([`SemaphorePermit::forget`]), or to allow one more.
    ///
    /// # Panics
    ///
    /// If there would be more than [`usize::MAX`].
    pub fn release(&self) {
        self.permits.add();
    }

    /// Tells whether a newcomer would have to wait.
    pub fn locked(&self) -> bool {
        self.available_permits() == 0
    }

    /// Tells how many permits can be had without waiting.
    pub fn available_permits(&self) -> usize {
        self.permits.available()
    }
}

async fn acquire_owned(permits: Rc<Permits>) -> OwnedSemaphorePermit {
    permits.take().await;
    OwnedSemaphorePermit { permits, forgotten: false }
}

impl SemaphorePermit<'_> {
    /// Keeps the permit from being given back: [`Semaphore::release`] or
    /// [`BoundedSemaphore::release`](super::BoundedSemaphore::release) does that later.
    pub fn forget(self) {
        self.permit.forget();
    }
}

impl OwnedSemaphorePermit {
    /// Keeps the permit from being given back, as [`SemaphorePermit::forget`] does.
    pub fn forget(mut self) {
        self.forgotten = true;
    }
}

impl Drop for OwnedSemaphorePermit {
    fn drop(&mut self) {
        if self.forgotten {
            self.permits.forget_one();
        } else {
            self.permits.add();
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.available_permits())
            .finish_non_exhaustive()
    }
}
