use std::cell::RefMut;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::lock::Lock;
use super::permits::Permit;

/// Holds a [`Lock`] until it is dropped.
#[must_use = "the lock is released when this is dropped"]
pub struct LockGuard<'a, T> {
    lock: &'a Lock<T>,
    // Dropped in this order: whoever is handed the lock finds the value free.
    value: RefMut<'a, T>,
    _permit: Permit<'a>,
}

/// Holds a [`Lock`] until it is dropped, and keeps it alive.
///
/// Between calls the value is here, and not in the lock.
#[must_use = "the lock is released when this is dropped"]
pub struct OwnedLockGuard<T> {
    lock: Rc<Lock<T>>,
    value: Option<T>,
}

impl<'a, T> LockGuard<'a, T> {
    pub(super) fn new(lock: &'a Lock<T>, permit: Permit<'a>) -> LockGuard<'a, T> {
        let value = RefMut::map(lock.value.borrow_mut(), |value| value.as_mut().expect(HELD));
        LockGuard { lock, value, _permit: permit }
    }

    /// Gives the lock that this guard holds.
    ///
    /// It is not a method, so that it hides none of the value's.
    pub fn lock(guard: &LockGuard<'a, T>) -> &'a Lock<T> {
        guard.lock
    }

    /// Releases the lock, as dropping the guard does.
    pub fn release(guard: LockGuard<'a, T>) {
        drop(guard);
    }
}

impl<T> OwnedLockGuard<T> {
    /// Takes a permit of the lock over from the caller.
    pub(super) fn new(lock: Rc<Lock<T>>) -> OwnedLockGuard<T> {
        let value = lock.value.take();
        debug_assert!(value.is_some(), "{HELD}");
        OwnedLockGuard { lock, value }
    }

    /// Gives the lock that this guard holds.
    ///
    /// It is not a method, so that it hides none of the value's.
    pub fn lock(guard: &OwnedLockGuard<T>) -> &Rc<Lock<T>> {
        &guard.lock
    }

    /// Releases the lock, as dropping the guard does.
    pub fn release(guard: OwnedLockGuard<T>) {
        drop(guard);
    }
}

/// There is one permit, and an owned guard puts the value back before it gives the permit back.
const HELD: &str = "the value is where the one permit is";

impl<T> Drop for OwnedLockGuard<T> {
    fn drop(&mut self) {
        let nothing = self.lock.value.replace(self.value.take());
        debug_assert!(nothing.is_none(), "{HELD}");
        self.lock.permits.add();
    }
}

impl<T> Deref for LockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for LockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Deref for OwnedLockGuard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect(HELD)
    }
}

impl<T> DerefMut for OwnedLockGuard<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect(HELD)
    }
}

impl<T: fmt::Debug> fmt::Debug for LockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for OwnedLockGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
