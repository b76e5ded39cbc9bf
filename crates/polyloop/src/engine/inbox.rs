//! What other threads post to a loop.

#[cfg(all(test, loom))]
mod loom_models;

use std::collections::{BTreeMap, HashSet};
use std::panic::Location;
use std::sync::{self, Arc, PoisonError};

use polyloop_core::{ErrorKind, LoopWaker, Result};

use super::LoopId;
use crate::between_threads::{AtomicBool, AtomicU64, Mutex, MutexGuard, Ordering};
use crate::task::{TaskKey, WokenTask};

/// The part of a loop that other threads may touch.
///
/// `closed` is set once, by the loop's thread, while it holds the lock of `posted`: after that
/// nothing is added.
pub(crate) struct Shared {
    id: LoopId,
    waker: LoopWaker,
    posted: Mutex<Vec<Posted>>,
    closed: AtomicBool,
    interrupted: AtomicBool,
    /// Signals that have arrived and were not looked at: a bit for each number.
    signals: [AtomicU64; 2],
    posts: AtomicU64,
}

/// What can be posted.
pub(crate) enum Posted {
    /// A task of the loop's that became ready elsewhere.
    Task(WokenTask),
    /// A function to call in the loop's thread, and where that was asked for.
    Call(Box<dyn FnOnce() + Send>, &'static Location<'static>),
}

/// The loops of this process that are not closed; every wake from another thread looks here.
static REGISTRY: sync::Mutex<BTreeMap<LoopId, Arc<Shared>>> = sync::Mutex::new(BTreeMap::new());

fn registry() -> sync::MutexGuard<'static, BTreeMap<LoopId, Arc<Shared>>> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn register(waker: LoopWaker) -> Arc<Shared> {
        let shared = Arc::new(Shared {
            id: LoopId::new(),
            waker,
            posted: Mutex::new(Vec::new()),
            closed: AtomicBool::new(false),
            interrupted: AtomicBool::new(false),
            signals: [AtomicU64::new(0), AtomicU64::new(0)],
            posts: AtomicU64::new(0),
        });
        registry().insert(shared.id, shared.clone());
        shared
    }

    pub(crate) fn id(&self) -> LoopId {
        self.id
    }

    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// Posts something and wakes the loop; a closed loop gives it back.
    pub(crate) fn post(&self, posted: Posted) -> Result<(), Posted> {
        let mut queue = lock(&self.posted);
        // Relaxed is enough: the store is made under the same lock.
        if self.closed.load(Ordering::Relaxed) {
            return Err(posted);
        }
        queue.push(posted);
        drop(queue);
        self.posts.fetch_add(1, Ordering::Relaxed);
        self.waker.wake();
        Ok(())
    }

    /// Posts a function; an error if the loop is closed.
    #[track_caller]
    pub(crate) fn post_call(&self, call: impl FnOnce() + Send + 'static) -> Result<()> {
        let posted = Posted::Call(Box::new(call), Location::caller());
        self.post(posted).map_err(|_| ErrorKind::LoopClosed.into())
    }

    /// Asks the loop's `run` to end; asking again before it has is what `false` says.
    #[cfg_attr(not(unix), expect(dead_code, reason = "Ctrl-C is left to the system there"))]
    pub(crate) fn interrupt(&self) -> bool {
        // Relaxed: the wake that follows orders it before the loop's look.
        let first = !self.interrupted.swap(true, Ordering::Relaxed);
        self.waker.wake();
        first
    }

    /// Tells the loop that a signal has arrived; the number is below 128.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no signals"))]
    pub(crate) fn tell_signal(&self, number: i32) {
        let number = number as usize;
        // Relaxed: the wake that follows orders it before the loop's look.
        self.signals[number / 64].fetch_or(1 << (number % 64), Ordering::Relaxed);
        self.waker.wake();
    }

    /// Takes the signals that have arrived: a bit for each number.
    pub(super) fn take_signals(&self) -> u128 {
        let take = |word: &AtomicU64| match word.load(Ordering::Relaxed) {
            0 => 0,
            _ => word.swap(0, Ordering::Relaxed),
        };
        let [low, high] = [take(&self.signals[0]), take(&self.signals[1])];
        u128::from(high) << 64 | u128::from(low)
    }

    #[inline]
    pub(crate) fn take_interrupt(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    pub(crate) fn clear_interrupt(&self) {
        self.interrupted.store(false, Ordering::Relaxed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        // Relaxed: who acts on it posts, which looks again under the lock.
        self.closed.load(Ordering::Relaxed)
    }

    /// Tells how much has been posted since the loop was made.
    pub(crate) fn posts(&self) -> u64 {
        self.posts.load(Ordering::Relaxed)
    }

    /// Names the tasks that became ready elsewhere and were not taken yet.
    pub(super) fn posted_tasks(&self) -> HashSet<TaskKey> {
        let key = |posted: &Posted| match posted {
            Posted::Task(woken) => woken.task().map(|task| task.key()),
            Posted::Call(..) => None,
        };
        lock(&self.posted).iter().filter_map(key).collect()
    }

    /// Swaps what was posted with an empty vector, keeping both allocations.
    pub(super) fn take(&self, into: &mut Vec<Posted>) {
        debug_assert!(into.is_empty(), "what was taken before has been run");
        std::mem::swap(&mut *lock(&self.posted), into);
    }

    /// Closes for good and gives what was posted last.
    pub(super) fn close(&self) -> Vec<Posted> {
        let posted = {
            let mut queue = lock(&self.posted);
            self.closed.store(true, Ordering::Relaxed);
            std::mem::take(&mut *queue)
        };
        registry().remove(&self.id);
        posted
    }
}

/// Posts a task to its home; if that is gone, so is what there was to wake.
pub(crate) fn post(home: LoopId, woken: WokenTask) {
    let shared = registry().get(&home).cloned();
    if let Some(shared) = shared {
        drop(shared.post(Posted::Task(woken)));
    }
}

/// A panic while the lock is held cannot leave these plain containers inconsistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
