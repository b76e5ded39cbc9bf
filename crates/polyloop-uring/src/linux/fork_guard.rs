//! Tells a forked child that a loop is its parent's.
//!
//! A page that the kernel wipes in a child (MADV_WIPEONFORK, Linux 4.14) holds the epoch of the
//! process. Reading it costs a load, where asking for the process id costs a system call in each
//! turn; and an epoch does not come again in a chain of forks, where the id of a process that has
//! ended is given to a new one. Where the page cannot be had, the id has to do.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};

/// Says which process a loop belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    guard: Guard,
    process: usize,
}

impl Owner {
    /// Names this process.
    pub(crate) fn this_process() -> Owner {
        let guard = guard();
        Owner { guard, process: guard.name_process() }
    }

    /// Names no process: nobody is it.
    pub(crate) fn nobody(self) -> Owner {
        Owner { process: usize::MAX, ..self }
    }

    /// Tells whether this is the process that was named, where a load tells so; `false` is no answer.
    #[inline]
    pub(crate) fn is_surely_here(self) -> bool {
        matches!(self.guard, Guard::Page(page) if page.load(Ordering::Relaxed) == self.process)
    }

    /// Tells whether this is the process that was named.
    #[inline]
    pub(crate) fn is_here(self) -> bool {
        self.guard.process() == self.process
    }
}

/// What tells this process from its ancestors.
#[derive(Clone, Copy, Debug)]
enum Guard {
    /// A page that holds the epoch; it is [`WIPED`] in a child until a loop is made there.
    Page(&'static AtomicUsize),
    /// The kernel refuses such a page.
    ProcessId,
}

impl Guard {
    /// Gives the number of this process, and first chooses one if it has none.
    fn name_process(self) -> usize {
        let Guard::Page(page) = self else { return self.process() };
        if page.load(Ordering::Relaxed) == WIPED {
            // Relaxed, all of it: the numbers order nothing else, and of several threads that find
            // the page wiped one sets it.
            let epoch = EPOCHS.fetch_add(1, Ordering::Relaxed) + 1;
            let _ = page.compare_exchange(WIPED, epoch, Ordering::Relaxed, Ordering::Relaxed);
        }
        page.load(Ordering::Relaxed)
    }

    /// Gives the number of this process, which is no owner's if it has none.
    #[inline]
    fn process(self) -> usize {
        match self {
            Guard::Page(page) => page.load(Ordering::Relaxed),
            Guard::ProcessId => std::process::id() as usize,
        }
    }
}

/// What the kernel leaves in a child; no epoch.
const WIPED: usize = 0;

/// The last epoch that was given. A child goes on counting where its parent was, so what it
/// gives is above all that its ancestors gave before it.
static EPOCHS: AtomicUsize = AtomicUsize::new(WIPED);

const PAGE: usize = 4096;

fn guard() -> Guard {
    static GUARD: OnceLock<Guard> = OnceLock::new();
    *GUARD.get_or_init(|| map_page().map_or(Guard::ProcessId, Guard::Page))
}

/// Maps the page, if the kernel will wipe it; one that it will not wipe is left unused.
fn map_page() -> Option<&'static AtomicUsize> {
    // SAFETY: a new mapping at an address of the kernel's choice disturbs no other.
    let mapped = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            PAGE,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    };
    let memory = mapped.ok()?;
    // SAFETY: the range is the mapping made above, and wiping it in a child is the purpose: the
    // page is only ever read as an atomic number, of which zero is one.
    unsafe { madvise(memory, PAGE, Advice::LinuxWipeOnFork) }.ok()?;
    // SAFETY: the mapping is aligned, zeroed, and never unmapped.
    Some(unsafe { AtomicUsize::from_ptr(memory.cast()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forked(page: &AtomicUsize) {
        page.store(WIPED, Ordering::Relaxed);
    }

    #[test]
    fn the_owner_is_here_and_a_stranger_is_not() {
        assert!(Owner::this_process().is_here());
        let here = Owner::this_process();
        assert!(!Owner { process: here.process ^ 1, ..here }.is_here());
        assert!(!here.nobody().is_here());
    }

    #[test]
    fn no_process_of_a_chain_of_forks_has_the_number_of_another() {
        let guard = Guard::Page(Box::leak(Box::new(AtomicUsize::new(WIPED))));
        let Guard::Page(page) = guard else { unreachable!("made as a page") };
        let mut named = Vec::new();
        for _ in 0..3 {
            let own = guard.name_process();
            assert_eq!((guard.name_process(), guard.process()), (own, own), "a name stays");
            named.push(own);
            forked(page);
            assert!(!named.contains(&guard.process()), "a child is none of {named:?}");
        }
        assert!(!named.contains(&guard.name_process()), "nor is it when it has a name");
    }

    #[test]
    fn without_a_page_the_process_id_tells() {
        let guard = Guard::ProcessId;
        assert_eq!(guard.name_process(), std::process::id() as usize);
        assert_eq!(guard.process(), guard.name_process());
    }
}
