//! Counts what the process allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

/// The system's allocator, counted.
pub(crate) struct Counting;

/// Allocations so far. A load and a store instead of an addition that other threads cannot split:
/// that costs a peer nothing it would not cost without being counted. Allocations of several
/// threads at one moment may be counted as one.
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// Bytes given out and not given back, counted in the same way.
static BYTES: AtomicU64 = AtomicU64::new(0);

fn count(bytes: usize) {
    // Nothing is read because of these numbers, so no order is needed.
    ALLOCATIONS.store(ALLOCATIONS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    add_bytes(bytes as u64);
}

/// Adds to the bytes, or subtracts what wraps around.
fn add_bytes(bytes: u64) {
    BYTES.store(BYTES.load(Ordering::Relaxed).wrapping_add(bytes), Ordering::Relaxed);
}

/// Gives the allocations so far; reallocations count too.
pub(crate) fn allocations() -> u64 {
    ALLOCATIONS.load(Ordering::Relaxed)
}

/// Gives the bytes that are given out.
pub(crate) fn bytes_in_use() -> u64 {
    BYTES.load(Ordering::Relaxed)
}

// SAFETY: Every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: The caller keeps the contract of this same function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: The caller keeps the contract of this same function.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        add_bytes((layout.size() as u64).wrapping_neg());
        // SAFETY: The caller keeps the contract of this same function.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.wrapping_sub(layout.size()));
        // SAFETY: The caller keeps the contract of this same function.
        unsafe { System.realloc(memory, layout, size) }
    }
}
