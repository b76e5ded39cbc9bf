use std::alloc::{self, Layout};
use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;

use super::returns::Returns;

/// A piece of received bytes, leased from a loop's [`Pool`](super::Pool).
///
/// It is one pointer in size. It dereferences to the bytes that are filled and not yet consumed.
/// Dropping it, on any thread, gives the storage back to the pool, or frees it if the pool is
/// gone: a chunk may outlive its loop. Its storage is always initialised.
pub struct Chunk {
    block: NonNull<Block>,
}

/// The header of a block; the storage follows it in the same allocation.
///
/// `start <= end <= capacity` always. `next` means something only while the block is on a list.
/// `returns` is null for a chunk without a pool, and else outlives the block.
#[repr(C, align(64))]
pub(super) struct Block {
    pub(super) next: *mut Block,
    pub(super) returns: *const Returns,
    capacity: u32,
    start: u32,
    end: u32,
}

// SAFETY: a chunk owns its block exclusively, like a Box; what it shares with other threads is
// only the return list, which is made for that.
unsafe impl Send for Chunk {}
// SAFETY: a shared chunk gives shared access to bytes and plain integers only.
unsafe impl Sync for Chunk {}

impl Chunk {
    /// Makes a chunk that belongs to no pool; dropping it frees it.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero or does not fit 32 bits.
    pub fn standalone(capacity: usize) -> Chunk {
        Chunk { block: Block::allocate(capacity, std::ptr::null()) }
    }

    /// Takes over a block.
    ///
    /// # Safety
    ///
    /// Nothing else holds the block, and it was made by [`Block::allocate`].
    #[inline]
    pub(super) unsafe fn from_block(block: NonNull<Block>) -> Chunk {
        Chunk { block }
    }

    /// Gives the whole storage, filled or not, to write into.
    #[inline]
    pub fn storage_mut(&mut self) -> &mut [u8] {
        let capacity = self.capacity();
        // SAFETY: the storage is `capacity` initialised bytes behind the header, and `&mut self`
        // is the only access to them.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), capacity) }
    }

    /// Gives the storage's address, for a kernel to write to while the chunk is kept alive.
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        // SAFETY: the allocation is a header and then the storage, so one header further is
        // inside it.
        unsafe { self.block.as_ptr().add(1) }.cast()
    }

    /// Declares the first `len` bytes of the storage filled, and none of them consumed.
    ///
    /// # Panics
    ///
    /// If `len` exceeds the capacity.
    #[inline]
    pub fn fill(&mut self, len: usize) {
        if len > self.capacity() {
            exceeds(len, self.capacity());
        }
        let header = self.header_mut();
        header.start = 0;
        header.end = len as u32;
    }

    /// Drops `count` bytes from the front.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[inline]
    pub fn consume(&mut self, count: usize) {
        assert!(count <= self.len(), "{count} of {} bytes", self.len());
        self.header_mut().start += count as u32;
    }

    /// Tells how many bytes fit.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.header().capacity as usize
    }

    #[inline]
    fn header(&self) -> &Block {
        // SAFETY: the chunk owns the block, so the header is alive and nobody writes to it while
        // `&self` lasts.
        unsafe { self.block.as_ref() }
    }

    #[inline]
    fn header_mut(&mut self) -> &mut Block {
        // SAFETY: as for `header`, and `&mut self` is exclusive.
        unsafe { self.block.as_mut() }
    }
}

#[cold]
#[inline(never)]
fn exceeds(len: usize, capacity: usize) -> ! {
    panic!("length {len} exceeds {capacity}");
}

impl Deref for Chunk {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        let header = self.header();
        let (start, len) = (header.start as usize, (header.end - header.start) as usize);
        // SAFETY: the storage begins one header further in the same allocation.
        let storage = unsafe { self.block.as_ptr().add(1) }.cast::<u8>();
        // SAFETY: `start <= end <= capacity`, so the address is inside the storage.
        let first = unsafe { storage.add(start) };
        // SAFETY: `end <= capacity` and all storage is initialised; `&self` keeps writers out.
        unsafe { std::slice::from_raw_parts(first, len) }
    }
}

impl Drop for Chunk {
    #[inline]
    fn drop(&mut self) {
        let returns = self.header().returns;
        if returns.is_null() {
            // SAFETY: the chunk owned the block, and no pool knows it.
            unsafe { Block::free(self.block) };
        } else {
            // SAFETY: the return list outlives every block that names it, and this block is
            // ours to hand over.
            unsafe { Returns::give_back(returns, self.block) };
        }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk({} of {})", self.len(), self.capacity())
    }
}

impl Block {
    /// Allocates a block with zeroed storage.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero or does not fit 32 bits.
    pub(super) fn allocate(capacity: usize, returns: *const Returns) -> NonNull<Block> {
        assert!(capacity > 0, "a chunk holds at least one byte");
        let header = Block {
            next: std::ptr::null_mut(),
            returns,
            capacity: u32::try_from(capacity).expect("a chunk's capacity fits 32 bits"),
            start: 0,
            end: 0,
        };
        let layout = Block::layout(capacity);
        // SAFETY: the layout's size is not zero, it has a header.
        let memory = unsafe { alloc::alloc_zeroed(layout) };
        let Some(block) = NonNull::new(memory.cast::<Block>()) else {
            alloc::handle_alloc_error(layout)
        };
        // SAFETY: the memory is fresh, large enough and aligned for the header.
        unsafe { block.write(header) };
        block
    }

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// The caller holds the block, which [`Block::allocate`] made, and does not use it again.
    #[cold]
    pub(super) unsafe fn free(block: NonNull<Block>) {
        // SAFETY: the caller holds the block, so its header can be read.
        let capacity = unsafe { block.as_ref() }.capacity;
        // SAFETY: it was allocated with the layout of this capacity, which never changes.
        unsafe { alloc::dealloc(block.as_ptr().cast(), Block::layout(capacity as usize)) };
    }

    #[inline]
    fn layout(capacity: usize) -> Layout {
        let size =
            size_of::<Block>().checked_add(capacity).expect("a chunk fits the address space");
        Layout::from_size_align(size, align_of::<Block>()).expect("a chunk fits the address space")
    }
}
