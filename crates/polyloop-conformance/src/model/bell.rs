use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use polyloop_core::Notify;

/// What a turn of the model waits on, and its wakers ring.
///
/// `rung` is set from a ring until the wait that it ends.
#[derive(Clone, Default)]
pub(super) struct Bell {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
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
        *self.state.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.state.changed.notify_one();
    }
}
