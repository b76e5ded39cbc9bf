use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// How many connections of a server each loop of a group has, and may have.
///
/// `taken` grows on the threads that accept and shrinks wherever a connection ends. Who accepts and finds
/// no room leaves its waker in `waiting`; who makes the first room takes all wakers there.
pub(super) struct Room {
    max: usize,
    taken: Vec<AtomicUsize>,
    waiting: Mutex<Vec<Waker>>,
}

/// The place that a connection takes on a loop, until it is dropped, on whichever thread.
pub(super) struct Taken {
    room: Arc<Room>,
    index: usize,
}

impl Room {
    pub(super) fn new(loops: usize, max: usize) -> Room {
        let taken = (0..loops).map(|_| AtomicUsize::new(0)).collect();
        Room { max, taken, waiting: Mutex::default() }
    }

    /// Tells whether a loop may have one more.
    pub(super) fn is_at(&self, index: usize) -> bool {
        self.taken(index) < self.max
    }

    pub(super) fn take(self: &Arc<Self>, index: usize) -> Taken {
        // Relaxed: only who accepts for this server adds, so no place is taken twice.
        self.taken[index].fetch_add(1, Ordering::Relaxed);
        Taken { room: self.clone(), index }
    }

    /// Waits until there is some, as `holds` tells.
    pub(super) fn poll(&self, cx: &mut Context<'_>, holds: impl Fn() -> bool) -> Poll<()> {
        // Before looking: who makes room after the look finds the waker, because it has to lock after this.
        self.lock().push(cx.waker().clone());
        if holds() { Poll::Ready(()) } else { Poll::Pending }
    }

    pub(super) fn counts(&self) -> Vec<usize> {
        (0..self.taken.len()).map(|index| self.taken(index)).collect()
    }

    fn taken(&self, index: usize) -> usize {
        // Relaxed: a place that is given up a moment later is found by way of the lock.
        self.taken[index].load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let before = self.room.taken[self.index].fetch_sub(1, Ordering::Relaxed);
        if before >= self.room.max {
            let waiting = std::mem::take(&mut *self.room.lock());
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}
