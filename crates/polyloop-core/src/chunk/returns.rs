//! The lists on which chunks come back: one from the pool's own thread, and one from any other.
//!
//! The first is a stack without atomics, because most chunks are read where they were received. The
//! other is a stack that anybody pushes to and only the pool empties, whole, so there is no ABA
//! problem. When the pool goes, its head becomes `CLOSED` for good, and what comes back
//! after that frees itself; who frees the last outstanding block frees the list.

use std::cell::Cell;
use std::ptr::NonNull;

#[cfg(loom)]
use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use super::block::Block;
use super::home::Home;

/// `head` is the last block that another thread has returned, null, or `CLOSED`, which is of both lists.
/// `local` is the last block that the pool's own thread has returned, or null; only that thread, `home`, looks
/// at it. `orphans` means something only once the list is closed: how many blocks are still out, plus one
/// while the pool is closing.
pub(super) struct Returns {
    head: AtomicPtr<Block>,
    home: Option<Home>,
    local: Cell<*mut Block>,
    orphans: AtomicUsize,
}

/// Never a block's address: blocks are aligned to 64.
const CLOSED: *mut Block = std::ptr::without_provenance_mut(1);

impl Returns {
    pub(super) fn allocate() -> *const Returns {
        Box::into_raw(Box::new(Returns {
            head: AtomicPtr::new(std::ptr::null_mut()),
            home: Home::here(),
            local: Cell::new(std::ptr::null_mut()),
            orphans: AtomicUsize::new(0),
        }))
    }

    /// Takes a block back.
    ///
    /// # Safety
    ///
    /// `returns` is the list that the block names, and the caller gives the block up.
    #[inline]
    pub(super) unsafe fn give_back(returns: *const Returns, block: NonNull<Block>) {
        // SAFETY: the list is alive while a block of it is out, as this one is until it is
        // pushed or counted off; it is not touched after that.
        let list = unsafe { &*returns };
        let mut head = list.head.load(Ordering::Relaxed);
        // A pool does not leave its thread. One that was leaked there is looked at by nobody, whoever is taken
        // for that thread later.
        if list.home.is_some() && list.home == Home::here() && head != CLOSED {
            // SAFETY: the caller gave the block up.
            unsafe { (*block.as_ptr()).next = list.local.get() };
            list.local.set(block.as_ptr());
            return;
        }
        while head != CLOSED {
            // SAFETY: the caller gave the block up, so it is ours until the push succeeds.
            unsafe { (*block.as_ptr()).next = head };
            // Release publishes the block's `next` and content to the swap in `take_remote`.
            match list.head.compare_exchange_weak(
                head,
                block.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
        // SAFETY: the list is closed, so nobody else will hold this block.
        unsafe { Block::free(block) };
        // SAFETY: this block was counted among the orphans and is counted off once, here.
        unsafe { Returns::count_off(returns, 1) };
    }

    /// Empties the list of the pool's own thread: a chain through `next`, last returned first.
    ///
    /// # Safety
    ///
    /// Only the pool calls it, on its thread.
    #[inline]
    pub(super) unsafe fn take_local(&self) -> *mut Block {
        self.local.replace(std::ptr::null_mut())
    }

    /// Tells whether another thread has returned something.
    #[inline]
    pub(super) fn has_remote(&self) -> bool {
        !self.head.load(Ordering::Relaxed).is_null()
    }

    /// Empties the list of the other threads: a chain through `next`, last returned first.
    #[inline]
    pub(super) fn take_remote(&self) -> *mut Block {
        if !self.has_remote() {
            return std::ptr::null_mut();
        }
        // Acquire pairs with the push in `give_back`.
        self.head.swap(std::ptr::null_mut(), Ordering::Acquire)
    }

    /// Closes the lists for good and gives what was on that of the other threads, when `outstanding`
    /// blocks were out or on either.
    ///
    /// # Safety
    ///
    /// Only the pool calls it, once, and calls [`Returns::count_off`] with one more than the
    /// number of blocks that it got, and does not touch the list after that.
    pub(super) unsafe fn close(&self, outstanding: usize) -> *mut Block {
        // Who finds `CLOSED` (Acquire, in `count_off`) must see the number.
        self.orphans.store(outstanding + 1, Ordering::Relaxed);
        self.head.swap(CLOSED, Ordering::AcqRel)
    }

    /// Counts blocks off that will not come back, and frees the list with the last of them.
    ///
    /// # Safety
    ///
    /// The list is closed, and each outstanding block (and the pool itself) is counted off once.
    #[cold]
    pub(super) unsafe fn count_off(returns: *const Returns, count: usize) {
        // SAFETY: what is being counted off keeps the list alive until this call.
        let list = unsafe { &*returns };
        // Acquire pairs with `close`, so that the count below is of the stored number: the load
        // reads the swap's `CLOSED` or a later value of it.
        let head = list.head.load(Ordering::Acquire);
        debug_assert_eq!(head, CLOSED, "counted off an open list");
        if list.orphans.fetch_sub(count, Ordering::AcqRel) == count {
            // SAFETY: nothing is outstanding and the pool is gone, so this is the last access.
            drop(unsafe { Box::from_raw(returns.cast_mut()) });
        }
    }
}
