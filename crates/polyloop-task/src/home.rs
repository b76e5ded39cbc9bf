use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// Names a loop of one thread, for its tasks; never used again in its process.
///
/// It is *here* on the thread that made it, and nowhere else, until it is closed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Home(NonZeroU32);

/// A home runs until this is dropped; then the one that ran before runs again.
#[derive(Debug)]
#[must_use = "it runs until this is dropped"]
pub struct Running {
    outer: Option<Home>,
    /// What it puts back is of this thread.
    local: PhantomData<*const ()>,
}

// Neither has a destructor, so they can be read for as long as the thread runs anything, destructors of other
// thread-locals included. Both only ever hold homes that were made on the thread. What `HOMES` has on the heap goes with the
// last home that is closed. Where thread-locals are the standard library's emulation, they may be gone nevertheless: then
// nothing is here.
#[cfg(not(loom))]
thread_local! {
    static RUNNING: Cell<Option<Home>> = const { Cell::new(None) };
    static HOMES: ManuallyDrop<RefCell<Vec<Home>>> =
        const { ManuallyDrop::new(RefCell::new(Vec::new())) };
}
#[cfg(loom)]
loom::thread_local! {
    static RUNNING: Cell<Option<Home>> = Cell::new(None);
    static HOMES: ManuallyDrop<RefCell<Vec<Home>>> = ManuallyDrop::new(RefCell::new(Vec::new()));
}

impl Home {
    /// Makes a home of this thread.
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Home {
        static LAST: AtomicU32 = AtomicU32::new(0);
        // Relaxed: the number itself is all that is shared. A number that came twice would let two
        // threads into one task, so running out of them is the end.
        let next = |last: u32| last.checked_add(1);
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let new = last.ok().and_then(|last| NonZeroU32::new(last.wrapping_add(1)));
        let new = Home(new.expect("a process makes fewer than 2^32 homes"));
        change(|homes| homes.push(new));
        new
    }

    /// Gives its number.
    pub fn number(self) -> NonZeroU32 {
        self.0
    }

    /// Tells whether this is its thread.
    #[inline]
    pub fn is_here(self) -> bool {
        self.is_running() || self.is_among_homes()
    }

    /// Tells whether it is the one that runs on this thread.
    #[inline]
    pub fn is_running(self) -> bool {
        Home::running() == Some(self)
    }

    /// Gives the one that runs on this thread.
    #[inline]
    pub fn running() -> Option<Home> {
        RUNNING.try_with(Cell::get).ok().flatten()
    }

    /// Declares that it runs, which makes finding out where it is quick.
    ///
    /// # Panics
    ///
    /// If it is not here.
    pub fn run(self) -> Running {
        assert!(self.is_here(), "a home runs on its own thread only, and until it is closed");
        Running { outer: RUNNING.with(|running| running.replace(Some(self))), local: PhantomData }
    }

    /// Forgets it: it is nowhere from now on, but for what runs it. Only its thread can.
    pub fn close(self) {
        change(|homes| {
            homes.retain(|home| *home != self);
            if homes.is_empty() {
                *homes = Vec::new();
            }
        });
    }

    #[cold]
    fn is_among_homes(self) -> bool {
        change(|homes| homes.contains(&self)).unwrap_or(false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.with(|running| running.set(self.outer));
    }
}

/// Changes the thread's homes, unless they are gone.
fn change<T>(change: impl FnOnce(&mut Vec<Home>) -> T) -> Option<T> {
    HOMES.try_with(|homes| change(&mut homes.borrow_mut())).ok()
}
