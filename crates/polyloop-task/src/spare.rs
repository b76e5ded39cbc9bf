//! Memory of tasks that are gone, for the next ones of the same size: making and ending a task takes a few
//! instructions of this instead of a hundred or three of an allocator's.

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::ptr::NonNull;

/// The size of the largest task whose memory is kept. What is larger does more than being made.
const SIZE_MAX: usize = 512;

/// The alignment of the tasks whose memory is kept: that of nearly all, because each begins with an address.
const ALIGN: usize = align_of::<usize>();

/// Bytes that a thread keeps: those of a burst of a thousand tasks, and little beside an L2 cache.
const KEPT_MAX: usize = 256 * 1024;

/// The beginning of a block that is kept. The block is from the global allocator, of the size of its list and an alignment
/// of `ALIGN`.
struct Block {
    next: Option<NonNull<Block>>,
}

/// A thread's spare memory: a list of blocks for each size in units of `ALIGN`. `kept` is the size of all.
struct Spare {
    lists: [Cell<Option<NonNull<Block>>>; SIZE_MAX / ALIGN + 1],
    kept: Cell<usize>,
}

thread_local! {
    static SPARE: Spare =
        const { Spare { lists: [const { Cell::new(None) }; SIZE_MAX / ALIGN + 1], kept: Cell::new(0) } };
}

/// Gives memory for a `T`, to be given back by [`free`] or by [`keep`]; nothing is in it.
#[inline]
pub(crate) fn allocate<T>() -> NonNull<T> {
    const { assert!(size_of::<T>() != 0, "a task has a header") }
    if is_kept::<T>()
        && let Ok(Some(block)) = SPARE.try_with(|spare| spare.take(size_of::<T>()))
    {
        return block.cast();
    }
    let layout = Layout::new::<T>();
    // SAFETY: the size is not zero.
    let memory = unsafe { alloc::alloc(layout) };
    NonNull::new(memory.cast()).unwrap_or_else(|| alloc::handle_alloc_error(layout))
}

/// Gives memory back to the global allocator.
///
/// # Safety
///
/// It is from [`allocate`] for the same type, and nobody uses it any more.
pub(crate) unsafe fn free<T>(memory: NonNull<T>) {
    // SAFETY: every such memory was once given by the global allocator for this size and alignment: what was kept
    // meanwhile has the size of its list and the one alignment that is kept.
    unsafe { alloc::dealloc(memory.as_ptr().cast(), Layout::new::<T>()) }
}

/// Keeps memory for the next of its size on this thread, or gives it back.
///
/// # Safety
///
/// As for [`free`].
#[inline]
pub(crate) unsafe fn keep<T>(memory: NonNull<T>) {
    let block = memory.cast::<Block>();
    // SAFETY: it has the size and the alignment of what is kept, and is the caller's to give.
    let keep = |spare: &Spare| unsafe { spare.put(block, size_of::<T>()) };
    if !(is_kept::<T>() && SPARE.try_with(keep).unwrap_or(false)) {
        // SAFETY: as the caller says.
        unsafe { free(memory) }
    }
}

/// Tells whether memory for a `T` is kept.
const fn is_kept<T>() -> bool {
    // Where the model checker looks for what is freed too soon, everything is freed.
    !cfg!(loom) && size_of::<T>() <= SIZE_MAX && align_of::<T>() == ALIGN
}

impl Spare {
    #[inline]
    fn take(&self, size: usize) -> Option<NonNull<Block>> {
        let list = &self.lists[size / ALIGN];
        let block = list.get()?;
        // SAFETY: what is in a list is a block, which nobody else uses.
        let Block { next } = unsafe { block.read() };
        list.set(next);
        self.kept.set(self.kept.get() - size);
        Some(block)
    }

    /// Puts a block into its list; false if enough is kept.
    ///
    /// # Safety
    ///
    /// It is memory of that size, a multiple of `ALIGN` and not above `SIZE_MAX`, and that alignment, from the global
    /// allocator, and nobody uses it any more.
    #[inline]
    unsafe fn put(&self, block: NonNull<Block>, size: usize) -> bool {
        if self.kept.get() + size > KEPT_MAX {
            return false;
        }
        self.kept.set(self.kept.get() + size);
        let list = &self.lists[size / ALIGN];
        // SAFETY: it is large enough: the size is not zero.
        unsafe { block.write(Block { next: list.get() }) }
        list.set(Some(block));
        true
    }
}

/// When the thread ends.
impl Drop for Spare {
    fn drop(&mut self) {
        for size in (ALIGN..=SIZE_MAX).step_by(ALIGN) {
            while let Some(block) = self.take(size) {
                let layout = Layout::from_size_align(size, ALIGN);
                let layout = layout.expect("it was one when the block was allocated");
                // SAFETY: it was allocated with this layout, and is in no list any more.
                unsafe { alloc::dealloc(block.as_ptr().cast(), layout) }
            }
        }
    }
}
