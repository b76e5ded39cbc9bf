//! Tells a forked child that a loop is its parent's.
//!
//! A page that the kernel wipes in a child (MADV_WIPEONFORK, Linux 4.14) holds the id of the
//! process that wrote it. Reading it costs a load, where asking for the process id costs a
//! system call in each turn.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};

/// Says which process a loop belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Owner {
    process: u32,
}

impl Owner {
    /// Names this process.
    pub(crate) fn this_process() -> Owner {
        let page = page();
        // Relaxed: every thread of a process writes the same number.
        if page.load(Ordering::Relaxed) == WIPED {
            page.store(std::process::id(), Ordering::Relaxed);
        }
        Owner { process: page.load(Ordering::Relaxed) }
    }

    /// Tells whether this is the process that was named.
    pub(crate) fn is_here(self) -> bool {
        page().load(Ordering::Relaxed) == self.process
    }
}

/// What the kernel leaves in a child; no process has this id.
const WIPED: u32 = 0;

const PAGE: usize = 4096;

fn page() -> &'static AtomicU32 {
    static PAGE_OF_PROCESS: OnceLock<&'static AtomicU32> = OnceLock::new();
    PAGE_OF_PROCESS.get_or_init(map_page)
}

fn map_page() -> &'static AtomicU32 {
    // SAFETY: a new mapping at an address of the kernel's choice disturbs no other.
    let mapped = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            PAGE,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    };
    let Ok(memory) = mapped else {
        // Without the page no fork is noticed; a shared ring then answers EEXIST in the child.
        static NEVER_WIPED: AtomicU32 = AtomicU32::new(WIPED);
        return &NEVER_WIPED;
    };
    // A refusal leaves the page as it is, which is the case above.
    // SAFETY: the range is the mapping made above, and wiping it in a child is the purpose: the
    // page is only ever read as an atomic number, of which zero is one.
    let _ = unsafe { madvise(memory, PAGE, Advice::LinuxWipeOnFork) };
    // SAFETY: the mapping is aligned, zeroed, and never unmapped.
    unsafe { AtomicU32::from_ptr(memory.cast()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_here_and_a_stranger_is_not() {
        assert!(Owner::this_process().is_here());
        assert!(!Owner { process: std::process::id() ^ 1 }.is_here());
    }
}
