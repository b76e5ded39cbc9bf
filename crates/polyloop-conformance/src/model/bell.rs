use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use polyloop_core::Notify;

use super::flaw::Flaw;

/// What a turn of the model waits on, and its wakers ring.
///
/// `rung` is set from a ring until the wait that it ends.
#[derive(Clone)]
pub(super) struct Bell {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    rung: Mutex<bool>,
    changed: Condvar,
    flaw: Option<Flaw>,
    broken: AtomicBool,
}

impl Bell {
    pub(super) fn new(flaw: Option<Flaw>) -> Bell {
        Bell { state: Arc::new(State { flaw, ..State::default() }) }
    }

    /// Makes every later ring fail; only a flaw does that.
    pub(super) fn break_apart(&self) {
        // Relaxed: the flawed loop and its late waker agree by other means.
        self.state.broken.store(true, Ordering::Relaxed);
    }

    /// Waits until the bell is rung or `timeout` has passed (`None`: without end).
    pub(super) fn wait(&self, timeout: Option<Duration>) {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut rung = self.state.rung.lock().unwrap_or_else(PoisonError::into_inner);
        while !*rung {
            rung = match until {
                None => self.state.changed.wait(rung).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    let waited = self.state.changed.wait_timeout(rung, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *rung = false;
    }
}

impl Notify for Bell {
    fn notify(&self) {
        // Relaxed: see `break_apart`.
        assert!(!self.state.broken.load(Ordering::Relaxed), "the bell of this waker is gone");
        if self.state.flaw == Some(Flaw::WakeLost) {
            return;
        }
        *self.state.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.state.changed.notify_one();
    }
}
