//! Who keeps a task's memory, and who has told its thread that it was woken.

use crate::atomics::{AtomicU8, AtomicU32, Ordering, Witness, fence};

/// Counts who keeps the memory of a task: each waker and each [`Woken`](crate::Woken), wherever they
/// are, and its thread, once for all that is there.
#[derive(Debug)]
pub(crate) struct Memory {
    keepers: AtomicU32,
    witness: Witness,
}

/// Far from wrapping, though more threads than one count before one of them looks.
const KEEPERS_MAX: u32 = u32::MAX / 2;

impl Memory {
    /// Kept by its thread.
    pub(crate) fn new() -> Memory {
        Memory { keepers: AtomicU32::new(1), witness: Witness::default() }
    }

    /// Adds a keeper; who calls is one, or lives as long as one.
    #[inline]
    pub(crate) fn keep(&self) {
        self.witness.is_used();
        // Relaxed: who adds a keeper has the memory already, and hands it on by other means.
        if self.keepers.fetch_add(1, Ordering::Relaxed) > KEEPERS_MAX {
            // Wakers were leaked until the number ran out, and a number that wrapped would free what is
            // used.
            std::process::abort();
        }
    }

    /// Takes a keeper away; true if it was the last, which then frees the memory.
    #[inline]
    #[must_use]
    pub(crate) fn release(&self) -> bool {
        self.witness.is_used();
        // Acquire: pairs with the release below of those who were keepers before. The one keeper that
        // is left is the caller, and nobody else can add one.
        if self.keepers.load(Ordering::Acquire) == 1 {
            self.witness.is_freed();
            return true;
        }
        // Release: what this keeper did comes before the memory is freed, by whoever does that.
        if self.keepers.fetch_sub(1, Ordering::Release) != 1 {
            return false;
        }
        // Acquire: and what the others did comes before this one frees it.
        fence(Ordering::Acquire);
        self.witness.is_freed();
        true
    }
}

/// Whether a task that was woken elsewhere is on its way home.
#[derive(Debug)]
pub(crate) struct Post(AtomicU8);

/// It is on its way. Set by who posts it, cleared at home before it is polled for that.
const POSTED: u8 = 1;
/// There is nothing to wake any more. Set at home; it may undo `POSTED`, which then matters no more.
const OVER: u8 = 2;

impl Post {
    pub(crate) fn new() -> Post {
        Post(AtomicU8::new(0))
    }

    /// Notes a wake-up from elsewhere; true if the caller has to post it.
    #[inline]
    pub(crate) fn send(&self) -> bool {
        // Release: pairs with the acquire of `receive`, so the poll that follows sees what was done
        // before the wake-up, also where another's post stands for this one.
        self.0.fetch_or(POSTED, Ordering::AcqRel) == 0
    }

    /// Notes that it has come home.
    #[inline]
    pub(crate) fn receive(&self) {
        // Acquire: pairs with `send`.
        self.0.fetch_and(!POSTED, Ordering::AcqRel);
    }

    /// Notes that the task has ended.
    #[inline]
    pub(crate) fn close(&self) {
        // Relaxed: it only spares others a post for nothing.
        self.0.store(OVER, Ordering::Relaxed);
    }
}
