use std::fmt;
use std::ptr::NonNull;

use super::block::{Block, Chunk};
use super::returns::Returns;

/// A loop's supply of chunks of one size: bounded, allocated on demand, last returned first used.
///
/// What a loop receives ahead stays within the bound, what a reader asks for does not: its progress
/// never depends on another reader. As many chunks as the bound allows are kept beyond it, so that
/// readers at the bound do not allocate each time.
///
/// Between calls `free` is a chain of blocks that only the pool holds, and `outstanding` counts
/// the blocks that are leased or on the return lists. While `free` is not empty, the sum of both does
/// not exceed twice `chunks_max`.
pub struct Pool {
    /// Where they come back. As a raw pointer it keeps the pool on its thread, which that relies on.
    returns: *const Returns,
    free: *mut Block,
    free_len: usize,
    outstanding: usize,
    chunk_size: usize,
    chunks_max: usize,
}

impl Pool {
    /// Makes a pool of at most `chunks_max` chunks of `chunk_size` bytes; allocates none yet.
    pub fn new(chunk_size: usize, chunks_max: usize) -> Pool {
        Pool {
            returns: Returns::allocate(),
            free: std::ptr::null_mut(),
            free_len: 0,
            outstanding: 0,
            chunk_size,
            chunks_max,
        }
    }

    /// Leases the chunk that came back last, or a new one; nothing at the bound.
    #[inline]
    pub fn lease(&mut self) -> Option<Chunk> {
        self.collect();
        (self.outstanding < self.chunks_max).then(|| self.take())
    }

    /// Leases the chunk that came back last, or a new one, also at the bound.
    #[inline]
    pub fn lease_anyway(&mut self) -> Chunk {
        // SAFETY: this is the pool, which does not leave its thread.
        if let Some(first) = NonNull::new(unsafe { self.returns().take_local() }) {
            // SAFETY: blocks of a taken chain are alive and only the pool holds them.
            if unsafe { first.as_ref() }.next.is_null() && !self.returns().has_remote() {
                // One came back, and goes out again: it stays counted among the outstanding.
                // SAFETY: it was the whole chain, so nothing else holds it.
                let mut chunk = unsafe { Chunk::from_block(first) };
                chunk.fill(0);
                return chunk;
            }
            self.collect();
            self.keep(first);
        } else {
            self.collect();
        }
        self.take()
    }

    /// Gives the size of a chunk in bytes.
    #[inline]
    pub fn chunk_size(&self) -> usize {
        self.chunk_size
    }

    /// Tells how many chunks are leased now.
    #[inline]
    pub fn leased(&mut self) -> usize {
        self.collect();
        self.outstanding
    }

    #[inline]
    fn take(&mut self) -> Chunk {
        let block = match NonNull::new(self.free) {
            Some(block) => {
                // SAFETY: blocks of the free list are alive and only the pool holds them.
                self.free = unsafe { block.as_ref() }.next;
                self.free_len -= 1;
                block
            }
            None => Block::allocate(self.chunk_size, self.returns),
        };
        self.outstanding += 1;
        // SAFETY: the block was taken off the free list, or is new: nothing else holds it.
        let mut chunk = unsafe { Chunk::from_block(block) };
        chunk.fill(0);
        chunk
    }

    #[inline]
    fn collect(&mut self) {
        if let Some(first) = NonNull::new(self.returns().take_remote()) {
            self.keep(first);
        }
        // SAFETY: this is the pool, which does not leave its thread.
        if let Some(first) = NonNull::new(unsafe { self.returns().take_local() }) {
            self.keep(first);
        }
    }

    /// Moves a chain of what came back in front of the free list, in its order: last returned first.
    fn keep(&mut self, first: NonNull<Block>) {
        let mut last = first;
        let mut count = 1;
        // SAFETY: blocks of a taken chain are alive and only the pool holds them.
        while let Some(next) = NonNull::new(unsafe { last.as_ref() }.next) {
            last = next;
            count += 1;
        }
        // SAFETY: as above; nothing else refers to the block.
        unsafe { last.as_mut() }.next = self.free;
        self.free = first.as_ptr();
        self.free_len += count;
        self.outstanding -= count;
        self.trim();
    }

    /// Frees what is beyond what is kept.
    fn trim(&mut self) {
        let kept_max = self.chunks_max.saturating_mul(2);
        while self.free_len > 0 && self.free_len + self.outstanding > kept_max {
            let Some(block) = NonNull::new(self.free) else { return };
            // SAFETY: blocks of the free list are alive and only the pool holds them.
            self.free = unsafe { block.as_ref() }.next;
            self.free_len -= 1;
            // SAFETY: the block was taken off the list: nothing refers to it any more.
            unsafe { Block::free(block) };
        }
    }

    #[inline]
    fn returns(&self) -> &Returns {
        // SAFETY: the pool is counted among those that keep the list alive.
        unsafe { &*self.returns }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: this is the pool's one close; `count_off` follows below.
        let returned = unsafe { self.returns().close(self.outstanding) };
        // SAFETY: this is the pool, which does not leave its thread.
        let local = unsafe { self.returns().take_local() };
        // SAFETY: the pool alone holds the free list.
        unsafe { free_chain(self.free) };
        // SAFETY: a chain taken from a list belongs to who took it.
        let local_count = unsafe { free_chain(local) };
        // SAFETY: the same.
        let count = unsafe { free_chain(returned) } + local_count;
        // SAFETY: the list is closed, these blocks are gone, and the pool does not look again.
        unsafe { Returns::count_off(self.returns, count + 1) };
    }
}

/// Frees a chain of blocks and tells how many there were.
///
/// # Safety
///
/// The caller holds every block of the chain.
unsafe fn free_chain(mut head: *mut Block) -> usize {
    let mut count = 0;
    while let Some(block) = NonNull::new(head) {
        // SAFETY: the caller holds the block.
        head = unsafe { block.as_ref() }.next;
        // SAFETY: the same, and `head` has moved on.
        unsafe { Block::free(block) };
        count += 1;
    }
    count
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("chunk_size", &self.chunk_size)
            .field("chunks_max", &self.chunks_max)
            .field("outstanding", &self.outstanding)
            .field("free", &self.free_len)
            .finish_non_exhaustive()
    }
}
