//! What no selector can wait for, done by threads: opening files, and all that is done with them or with paths.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use polyloop_core::{Notify, Op, OpId, OsHandle, Result, WakeGate, limits};
use polyloop_os::{Gave, Memory};

use crate::guest::NotifyShared;

/// The jobs of one loop: some on threads, the rest waiting here, where they can be cancelled.
///
/// Between calls `running <= OFFLOADED_JOBS_MAX`, and nothing waits while `running` is less. The
/// gate is the jobs' own: a job that is done ends the wait, but nobody called the loop's waker.
pub(crate) struct Jobs {
    pub(crate) waiting: VecDeque<OpId>,
    pub(crate) running: usize,
    gate: WakeGate,
    shared: Arc<Shared>,
    collected: Vec<Ended>,
}

/// Where threads leave what they have done.
struct Shared {
    ended: Mutex<Vec<Ended>>,
    one_ended: Condvar,
}

/// A job that a thread has done.
pub(crate) struct Ended {
    pub(crate) id: OpId,
    pub(crate) op: Op,
    pub(crate) result: Result<Gave>,
    /// What it found out of its file, if that was asked.
    pub(crate) memory: Option<Memory>,
}

impl Jobs {
    pub(crate) fn new(notifier: Arc<dyn Notify>) -> Jobs {
        Jobs {
            waiting: VecDeque::new(),
            running: 0,
            gate: WakeGate::new(Box::new(NotifyShared(notifier))),
            shared: Arc::new(Shared { ended: Mutex::default(), one_ended: Condvar::new() }),
            collected: Vec::new(),
        }
    }

    pub(crate) fn has_free_thread(&self) -> bool {
        self.running < limits::OFFLOADED_JOBS_MAX
    }

    /// Gives a [blocking op](polyloop_os::is_blocking_op) to a thread, with the file that it is
    /// about. How much of a file is in memory is found out when it is opened, or if it `is_unasked`.
    pub(crate) fn start(
        &mut self,
        id: OpId,
        mut op: Op,
        file: Option<Arc<OsHandle>>,
        is_unasked: bool,
    ) {
        self.running += 1;
        let (shared, waker) = (self.shared.clone(), self.gate.waker());
        let run = move || {
            let result = polyloop_os::perform(&mut op, file.as_deref());
            let asked = match &result {
                Ok(Gave::Opened(opened)) => Some(opened),
                _ => file.as_deref().filter(|_| is_unasked),
            };
            let memory = asked.map(polyloop_os::memory_of);
            // Given up before anybody hears of the end, who may want the only owner.
            drop(file);
            shared.lock().push(Ended { id, op, result, memory });
            shared.one_ended.notify_one();
            waker.wake();
        };
        blocking::unblock(run).detach();
    }

    /// Declares that the loop will wait; `false` if a job has ended that nobody has collected.
    pub(crate) fn begin_wait(&self) -> bool {
        self.running == 0 || self.gate.begin_wait()
    }

    /// Takes what has ended since the last call; [`keep`](Self::keep) takes the vector back.
    pub(crate) fn collect(&mut self) -> Vec<Ended> {
        let mut collected = std::mem::take(&mut self.collected);
        if self.running > 0 {
            self.gate.end_wait();
            std::mem::swap(&mut *self.shared.lock(), &mut collected);
            self.running -= collected.len();
        }
        collected
    }

    /// Keeps an emptied vector for the next [`collect`](Self::collect).
    pub(crate) fn keep(&mut self, emptied: Vec<Ended>) {
        self.collected = emptied;
    }

    /// Waits until all that runs has ended, at most `grace`; tells how many have and have not.
    pub(crate) fn wait_all(&mut self, grace: Duration) -> (usize, usize) {
        let deadline = Instant::now().checked_add(grace);
        let mut ended = self.shared.lock();
        while ended.len() < self.running {
            let left = match deadline {
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
                None => Duration::MAX,
            };
            if left.is_zero() {
                break;
            }
            let woken = self.shared.one_ended.wait_timeout(ended, left);
            ended = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        (ended.len(), self.running - ended.len())
    }
}

impl Shared {
    /// No code of anybody else runs under the lock, so a poisoned one is intact.
    fn lock(&self) -> MutexGuard<'_, Vec<Ended>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs")
            .field("waiting", &self.waiting.len())
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}
