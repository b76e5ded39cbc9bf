use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use polyloop_core::limits;

use crate::between_threads::{Condvar, Mutex, MutexGuard, thread};

/// What a thread of the pool runs. It says itself what became of it, also when it is dropped.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Names a job of one pool, in the order in which they came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct JobId(u64);

/// Threads that run jobs, first come, first served.
///
/// A thread is made when a job comes that no idle one can take, up to the bound; it ends when it
/// has been idle for a while, or when the pool is shut down and its queue empty. So `threads` is
/// above zero while the queue holds something, and jobs are added only until `shut_down`.
pub(super) struct Pool {
    pub(super) name: String,
    pub(super) threads_max: usize,
    state: Mutex<State>,
    /// Tells idle threads of a job, or of the end.
    work: Condvar,
    /// Tells blocked waiters that the last thread of a pool that is shut down has ended.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    queue: BTreeMap<JobId, Job>,
    added: u64,
    threads: usize,
    idle: usize,
    threads_made: usize,
    shut_down: bool,
    /// Who awaits the end.
    wakers: Vec<Waker>,
}

impl Pool {
    pub(super) fn new(name: String, threads_max: usize) -> Pool {
        let (work, ended) = (Condvar::new(), Condvar::new());
        Pool { name, threads_max, state: Mutex::new(State::default()), work, ended }
    }

    /// Queues a job, or says why it is refused; the job is dropped then.
    pub(super) fn submit(self: &Arc<Self>, job: Job) -> Result<JobId, String> {
        let mut state = self.lock();
        let refusal = if state.shut_down {
            Some("the executor is shut down")
        } else if state.queue.len() >= limits::EXECUTOR_QUEUE_MAX {
            Some("the executor's queue is full")
        } else {
            None
        };
        if let Some(refusal) = refusal {
            drop(state);
            return Err(refusal.to_owned());
        }
        let id = JobId(state.added);
        state.added += 1;
        state.queue.insert(id, job);
        if state.idle >= state.queue.len() {
            self.work.notify_one();
        } else if state.threads < self.threads_max
            && let Err(error) = self.add_thread(&mut state)
            && state.threads == 0
        {
            let job = state.queue.remove(&id);
            drop(state);
            drop(job);
            return Err(format!("no thread could be made: {error}"));
        }
        Ok(id)
    }

    /// Takes a job out that no thread has begun.
    pub(super) fn withdraw(&self, id: JobId) -> Option<Job> {
        self.lock().queue.remove(&id)
    }

    /// Refuses further jobs; the threads end when the queue is empty.
    pub(super) fn shut_down(&self) {
        let mut state = self.lock();
        state.shut_down = true;
        self.work.notify_all();
        self.tell_if_ended(state);
    }

    /// Drops every job that no thread has begun.
    pub(super) fn cancel_queued(&self) {
        let queue = std::mem::take(&mut self.lock().queue);
        drop(queue);
    }

    /// Waits in a task until the pool is shut down and its last thread has ended.
    pub(super) fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.is_ended() {
            return Poll::Ready(());
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Blocks this thread until the pool has ended, at most that long, and tells whether it has.
    pub(super) fn wait_ended(&self, at_most: Duration) -> bool {
        let begin = Instant::now();
        let mut state = self.lock();
        while !state.is_ended() {
            let left = at_most.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return false;
            }
            let waited = self.ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    pub(super) fn threads(&self) -> usize {
        self.lock().threads
    }

    pub(super) fn queued(&self) -> usize {
        self.lock().queue.len()
    }

    fn add_thread(self: &Arc<Self>, state: &mut State) -> std::io::Result<()> {
        let pool = self.clone();
        let name = format!("{}-{}", self.name, state.threads_made);
        thread::Builder::new().name(name).spawn(move || pool.work())?;
        state.threads_made += 1;
        state.threads += 1;
        Ok(())
    }

    /// What a thread does until it ends.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some((_, job)) = state.queue.pop_first() {
                drop(state);
                // A job reports a panic of its closure; what comes out here is one of a
                // destructor or a foreign waker, of which the panic hook has told.
                drop(catch_unwind(AssertUnwindSafe(job)));
                state = self.lock();
                continue;
            }
            if state.shut_down {
                break;
            }
            state.idle += 1;
            let waited = self.work.wait_timeout(state, limits::EXECUTOR_KEEP_ALIVE);
            let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = again;
            state.idle -= 1;
            if timeout.timed_out() && state.queue.is_empty() {
                break;
            }
        }
        state.threads -= 1;
        self.tell_if_ended(state);
    }

    fn tell_if_ended(&self, mut state: MutexGuard<'_, State>) {
        if !state.is_ended() {
            return;
        }
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        self.ended.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// A panic while the lock is held cannot leave these plain containers inconsistent.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_ended(&self) -> bool {
        self.shut_down && self.threads == 0
    }
}
