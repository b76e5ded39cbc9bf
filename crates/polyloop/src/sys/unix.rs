//! Ctrl-C (SIGINT), for the loops that want to end in an orderly way.
//!
//! One thread of the process, made at the first need, waits for the signal and tells every loop
//! that watches. It works on any backend, and shares the signal with whoever else handles it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;

use crate::engine::Shared;

static WATCHERS: Mutex<Vec<Arc<Shared>>> = Mutex::new(Vec::new());
static THREAD: OnceLock<()> = OnceLock::new();

/// Watches until it is dropped.
pub(crate) struct Watch {
    watcher: Arc<Shared>,
}

/// Has Ctrl-C interrupt a loop. A process that cannot have a thread for it goes without.
pub(crate) fn watch(watcher: Arc<Shared>) -> Watch {
    lock().push(watcher.clone());
    THREAD.get_or_init(|| {
        if let Ok(signals) = Signals::new([SIGINT]) {
            let thread = std::thread::Builder::new().name("polyloop-interrupt".to_owned());
            // Without the thread Ctrl-C does nothing until a program handles it otherwise.
            let _ = thread.spawn(move || tell(signals));
        }
    });
    Watch { watcher }
}

/// Interrupts every watcher; the second Ctrl-C of one, or one that nobody watches for, ends the
/// process as if the signal had not been handled.
fn tell(mut signals: Signals) {
    for signal in signals.forever() {
        let watchers = lock().clone();
        let mut orderly = !watchers.is_empty();
        for watcher in watchers {
            orderly &= watcher.interrupt();
        }
        if !orderly {
            // It fails only for signals that cannot be handled.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watchers = lock();
        if let Some(position) = watchers.iter().position(|other| Arc::ptr_eq(other, &self.watcher))
        {
            watchers.remove(position);
        }
    }
}

fn lock() -> MutexGuard<'static, Vec<Arc<Shared>>> {
    WATCHERS.lock().unwrap_or_else(PoisonError::into_inner)
}
