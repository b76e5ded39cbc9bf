use std::alloc::{self, Layout};
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::Submitter;
use io_uring::types::BufRingEntry;
use polyloop_core::{Chunk, Pool, limits};

/// Chunks that the kernel may receive into, published through a ring that it reads.
///
/// `chunks[id]` holds the chunk that was published under that buffer id, until a completion names
/// it; every other id is in `vacant`. So each id is published at most once, and the ring, which
/// has a place for each id, never overtakes the kernel.
///
/// Whoever owns it must not drop it while a request that selects its buffers is in the kernel:
/// [`Kernel`](super::Kernel) counts them, and leaks it instead.
pub(super) struct BufferRing {
    memory: NonNull<BufRingEntry>,
    tail: u16,
    chunks: Vec<Option<Chunk>>,
    vacant: Vec<u16>,
}

/// The buffer group of every receive.
pub(super) const GROUP: u16 = 0;

/// Places of the ring: a power of two.
const ENTRIES: u16 = limits::PUBLISHED_CHUNKS.next_power_of_two();

/// The kernel wants the ring to begin at a page; the largest page of the systems Linux runs on.
const PAGE: usize = 65536;

impl BufferRing {
    /// Makes a ring without chunks and registers it.
    pub(super) fn new(submitter: &Submitter<'_>) -> io::Result<BufferRing> {
        // SAFETY: the layout's size is not zero.
        let memory = unsafe { alloc::alloc_zeroed(layout()) };
        let Some(memory) = NonNull::new(memory.cast::<BufRingEntry>()) else {
            return Err(io::ErrorKind::OutOfMemory.into());
        };
        let ring = BufferRing {
            memory,
            tail: 0,
            chunks: std::iter::repeat_with(|| None).take(ENTRIES.into()).collect(),
            vacant: (0..ENTRIES).rev().collect(),
        };
        let address = memory.as_ptr().expose_provenance() as u64;
        // SAFETY: the memory is page-aligned, as large as so many entries, and is freed only
        // when no request that uses it is in the kernel (the contract of this type).
        unsafe { submitter.register_buf_ring_with_flags(address, ENTRIES, GROUP, 0) }?;
        Ok(ring)
    }

    /// Tells how many chunks the kernel may fill.
    pub(super) fn published(&self) -> usize {
        self.chunks.len() - self.vacant.len()
    }

    /// Publishes chunks of the pool until the window is full or the pool is empty.
    pub(super) fn refill(&mut self, pool: &mut Pool) {
        while let Some(id) = self.vacant.last().copied() {
            let Some(chunk) = pool.lease() else { return };
            self.vacant.pop();
            self.publish(id, chunk);
        }
    }

    /// Takes out the chunk that the kernel has filled with `len` bytes.
    #[inline]
    pub(super) fn take(&mut self, id: u16, len: usize) -> Option<Chunk> {
        let mut chunk = self.chunks.get_mut(usize::from(id))?.take()?;
        self.vacant.push(id);
        chunk.fill(len);
        Some(chunk)
    }

    #[inline]
    fn publish(&mut self, id: u16, mut chunk: Chunk) {
        let position = usize::from(self.tail & (ENTRIES - 1));
        // SAFETY: the position is below `ENTRIES`, so inside the allocation.
        let place = unsafe { self.memory.add(position) };
        // SAFETY: the place is initialised (zeroed at first) and aligned; the kernel only reads
        // the ring, and not this place: fewer than `ENTRIES` entries are ahead of it.
        let entry = unsafe { &mut *place.as_ptr() };
        entry.set_addr(chunk.as_mut_ptr().expose_provenance() as u64);
        entry.set_len(chunk.capacity() as u32);
        entry.set_bid(id);
        self.chunks[usize::from(id)] = Some(chunk);
        self.tail = self.tail.wrapping_add(1);
        // SAFETY: the memory begins with the first entry, which is initialised.
        let tail = unsafe { BufRingEntry::tail(self.memory.as_ptr()) };
        // SAFETY: the tail is an aligned u16 inside the allocation, which outlives this use, and
        // nobody else writes to it.
        let tail = unsafe { AtomicU16::from_ptr(tail.cast_mut()) };
        // Release pairs with the kernel's acquiring load of the tail: the entry is there first.
        tail.store(self.tail, Ordering::Release);
    }
}

impl Drop for BufferRing {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; no request that selects buffers is in the kernel
        // (the contract of this type), and the kernel pins the pages for its own reads.
        unsafe { alloc::dealloc(self.memory.as_ptr().cast(), layout()) };
    }
}

fn layout() -> Layout {
    let size = usize::from(ENTRIES) * size_of::<BufRingEntry>();
    Layout::from_size_align(size, PAGE).expect("a small power of two")
}
