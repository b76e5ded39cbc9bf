use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// Names a thread of this process; never used again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ThreadId(NonZeroU32);

// Without a destructor it can be read for as long as the thread runs anything.
#[cfg(not(loom))]
thread_local! {
    static ID: std::cell::Cell<Option<ThreadId>> = const { std::cell::Cell::new(None) };
}
#[cfg(loom)]
loom::thread_local! {
    static ID: std::cell::Cell<Option<ThreadId>> = std::cell::Cell::new(None);
}

impl ThreadId {
    /// Names the thread on which this is called.
    #[inline]
    pub(crate) fn current() -> ThreadId {
        ID.with(|id| id.get().unwrap_or_else(|| ThreadId::assign(id)))
    }

    #[cold]
    fn assign(id: &std::cell::Cell<Option<ThreadId>>) -> ThreadId {
        static LAST: AtomicU32 = AtomicU32::new(0);
        // Relaxed: the number itself is all that is shared. A number that came twice would let two
        // threads into one task, so running out of them is the end.
        let next = |last: u32| last.checked_add(1);
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let new = last.ok().and_then(|last| NonZeroU32::new(last.wrapping_add(1)));
        let new = ThreadId(new.expect("a process makes fewer than 2^32 threads"));
        id.set(Some(new));
        new
    }
}
