//! Ctrl-C (SIGINT), for the loops that want to end in an orderly way.

use std::sync::Arc;

use super::signals;
use crate::engine::Shared;

/// Watches until it is dropped.
pub(crate) struct Watch {
    /// Held for its end.
    _watch: Option<signals::Watch>,
}

/// Has Ctrl-C interrupt a loop.
pub(crate) fn watch(watcher: Arc<Shared>) -> Watch {
    Watch { _watch: signals::watch_interrupt(&watcher) }
}
