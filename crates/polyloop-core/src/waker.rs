//! Waking a loop from elsewhere.
//!
//! The state is one byte. `RUNNING`: the loop is between waits and will look before the next.
//! `WAITING`: the loop waits, or a host waits on its behalf. `NOTIFIED`: somebody has woken it
//! since it last looked. The loop's thread makes `RUNNING -> WAITING` (begin) and
//! `any -> RUNNING` (end); wakers make `any -> NOTIFIED`, and only the one that found `WAITING`
//! makes a system call.

use std::fmt;

#[cfg(loom)]
use loom::sync::Arc;
#[cfg(loom)]
use loom::sync::atomic::{AtomicU8, Ordering};
#[cfg(not(loom))]
use std::sync::Arc;
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU8, Ordering};

const RUNNING: u8 = 0;
const WAITING: u8 = 1;
const NOTIFIED: u8 = 2;

/// The backend's way to end its own wait from another thread: an eventfd, a pipe, a condition.
///
/// It must be callable at any time, also after the loop is gone, and must never block. It owns
/// what it writes to, so that a late wake cannot reach a descriptor that was reused.
pub trait Notify: Send + Sync {
    /// Ends the wait that is going on, or the next one if none is.
    fn notify(&self);
}

/// Wakes a loop from any thread.
///
/// Wakes coalesce: however many come before the loop looks, they cost at most one system call
/// and end one wait. A wake is never lost: one that comes while the loop runs makes its next
/// wait return at once. It never blocks, is async-signal-safe where the backend's notification
/// is (eventfd and pipe are), and may outlive the loop, when it does nothing.
#[derive(Clone)]
pub struct LoopWaker {
    shared: Arc<Shared>,
}

/// The loop's side of its wakers: says when it waits, and learns whether it was woken.
pub struct WakeGate {
    shared: Arc<Shared>,
}

struct Shared {
    state: AtomicU8,
    notify: Box<dyn Notify>,
}

impl LoopWaker {
    /// Wakes the loop.
    #[inline]
    pub fn wake(&self) {
        // AcqRel: what the caller published before is visible to the loop, whose swap in
        // `end_wait` (or failed exchange in `begin_wait`) reads this store.
        if self.shared.state.swap(NOTIFIED, Ordering::AcqRel) == WAITING {
            self.shared.notify.notify();
        }
    }

    /// Tells whether both wake the same loop.
    #[inline]
    pub fn will_wake(&self, other: &LoopWaker) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl fmt::Debug for LoopWaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoopWaker")
    }
}

impl WakeGate {
    /// Makes the gate of a loop that is not waiting.
    #[inline]
    pub fn new(notify: Box<dyn Notify>) -> WakeGate {
        WakeGate { shared: Arc::new(Shared { state: AtomicU8::new(RUNNING), notify }) }
    }

    /// Gives a waker.
    #[inline]
    pub fn waker(&self) -> LoopWaker {
        LoopWaker { shared: self.shared.clone() }
    }

    /// Declares that a wait begins; `false` means that a wake came before, so the loop must not
    /// block. Repeating it while waiting is allowed.
    pub fn begin_wait(&self) -> bool {
        // Acquire on failure pairs with the swap in `wake`.
        let exchange = self.shared.state.compare_exchange(
            RUNNING,
            WAITING,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        !matches!(exchange, Err(NOTIFIED))
    }

    /// Declares that the wait has ended, and tells whether a wake came since it last did.
    #[inline]
    pub fn end_wait(&self) -> bool {
        // Acquire pairs with the swap in `wake`.
        self.shared.state.swap(RUNNING, Ordering::AcqRel) == NOTIFIED
    }
}

impl fmt::Debug for WakeGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WakeGate")
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    struct Count(std::sync::Arc<AtomicUsize>);

    impl Notify for Count {
        fn notify(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn gate() -> (WakeGate, std::sync::Arc<AtomicUsize>) {
        let count = std::sync::Arc::new(AtomicUsize::new(0));
        (WakeGate::new(Box::new(Count(count.clone()))), count)
    }

    #[test]
    fn wakes_coalesce_into_one_notification() {
        let (gate, count) = gate();
        assert!(gate.begin_wait());
        (0..10).for_each(|_| gate.waker().wake());
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert!(gate.end_wait());
        assert!(!gate.end_wait());
    }

    #[test]
    fn a_wake_while_running_makes_the_next_wait_not_block() {
        let (gate, count) = gate();
        gate.waker().wake();
        assert!(!gate.begin_wait());
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert!(gate.end_wait());
        assert!(gate.begin_wait());
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::sync::atomic::AtomicUsize;

    struct Flag(Arc<AtomicUsize>);

    impl Notify for Flag {
        fn notify(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The loop either sees the posted item after `end_wait`, is told not to wait, or is
    /// notified while it waits: it never sleeps on a posted item.
    #[test]
    fn no_wake_is_lost() {
        loom::model(|| {
            let notified = Arc::new(AtomicUsize::new(0));
            let gate = WakeGate::new(Box::new(Flag(notified.clone())));
            let posted = Arc::new(AtomicUsize::new(0));
            let (waker, post) = (gate.waker(), posted.clone());
            let thread = loom::thread::spawn(move || {
                post.store(1, Ordering::Relaxed);
                waker.wake();
            });
            let may_block = gate.begin_wait();
            if may_block {
                // The wait itself: what ends it is the notification.
                thread.join().expect("the waking thread does not panic");
                assert_eq!(notified.load(Ordering::SeqCst), 1);
                assert!(gate.end_wait());
            } else {
                assert!(gate.end_wait());
                assert_eq!(posted.load(Ordering::Relaxed), 1);
                thread.join().expect("the waking thread does not panic");
                assert_eq!(notified.load(Ordering::SeqCst), 0);
            }
            assert_eq!(posted.load(Ordering::Relaxed), 1);
        });
    }
}
