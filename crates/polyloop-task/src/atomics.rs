//! What crosses threads: the standard library's, or, with `cfg(loom)`, that of a model checker that
//! tries every order of what threads do. `.ci/run` runs the models (`loom_models.rs`).

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU8, AtomicU32, Ordering, fence};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicU8, AtomicU32, Ordering, fence};

/// Shows the model checker when memory is used and freed; nothing else. It panics where somebody may still
/// use what is freed.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    #[cfg(loom)]
    cell: loom::cell::UnsafeCell<()>,
}

impl Witness {
    #[inline]
    pub(crate) fn is_used(&self) {
        #[cfg(loom)]
        self.cell.with(|_| ());
    }

    #[inline]
    pub(crate) fn is_freed(&self) {
        #[cfg(loom)]
        self.cell.with_mut(|_| ());
    }
}
