use std::fmt;

use polyloop_core::{Error, ErrorKind, Result};

use super::semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// A [`Semaphore`] that never has more permits than it began with: asyncio's `BoundedSemaphore`.
///
/// # Examples
///
/// ```
/// use polyloop::sync::BoundedSemaphore;
///
/// polyloop::run(async {
///     let slots = BoundedSemaphore::new(1);
///     slots.acquire().await.forget();
///     assert!(slots.locked());
///     slots.release()?; // the one that was forgotten
///     assert!(slots.release().is_err());
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub struct BoundedSemaphore {
    semaphore: Semaphore,
}

impl BoundedSemaphore {
    /// Makes a semaphore with that many permits.
    pub fn new(permits: usize) -> BoundedSemaphore {
        BoundedSemaphore { semaphore: Semaphore::new(permits) }
    }

    /// Waits for a permit, in turn.
    ///
    /// # Cancel safety
    ///
    /// As for [`Semaphore::acquire`].
    pub async fn acquire(&self) -> SemaphorePermit<'_> {
        self.semaphore.acquire().await
    }

    /// Waits for a permit that does not borrow the semaphore.
    ///
    /// # Cancel safety
    ///
    /// As for [`Semaphore::acquire`].
    pub fn acquire_owned(&self) -> impl Future<Output = OwnedSemaphorePermit> + use<> {
        self.semaphore.acquire_owned()
    }

    /// Takes a permit if one is available and nobody waits.
    pub fn try_acquire(&self) -> Option<SemaphorePermit<'_>> {
        self.semaphore.try_acquire()
    }

    /// Takes a permit that does not borrow the semaphore, if one is available and nobody waits.
    pub fn try_acquire_owned(&self) -> Option<OwnedSemaphorePermit> {
        self.semaphore.try_acquire_owned()
    }

    /// Gives back a permit that was forgotten ([`SemaphorePermit::forget`]).
    ///
    /// All others are given back by their guards, so that a guard never finds its permit given
    /// back already.
    ///
    /// # Errors
    ///
    /// *Invalid input* if no permit is forgotten: the semaphore would have more than it began
    /// with. It stays as it is.
    pub fn release(&self) -> Result<()> {
        if self.semaphore.permits.recall() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidInput)
            .attempting("release a bounded semaphore more often than it was acquired"))
    }

    /// Tells whether a newcomer would have to wait.
    pub fn locked(&self) -> bool {
        self.semaphore.locked()
    }

    /// Tells how many permits can be had without waiting.
    pub fn available_permits(&self) -> usize {
        self.semaphore.available_permits()
    }
}

impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedSemaphore")
            .field("available_permits", &self.available_permits())
            .finish_non_exhaustive()
    }
}
