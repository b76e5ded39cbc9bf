//! Which thread a pool is of.

#[cfg(loom)]
use loom::thread_local;

/// A thread while it runs; another that begins later may be taken for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Home(usize);

#[cfg(not(loom))]
thread_local! {
    static HERE: u8 = const { 0 };
}

#[cfg(loom)]
thread_local! {
    static HERE: u8 = 0;
}

impl Home {
    /// Gives the thread that this is called on.
    ///
    /// Nothing late in a thread's end, on systems whose thread-local variables end before: who is nowhere is not at home.
    ///
    /// By the address of a variable of its own: no two threads have the same at a time, and who has one after
    /// another was given the memory after that had ended, and so after all that it has done.
    #[inline]
    pub(super) fn here() -> Option<Home> {
        HERE.try_with(|here| Home(std::ptr::from_ref(here).addr())).ok()
    }
}
