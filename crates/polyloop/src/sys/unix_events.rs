//! What the operating system tells a loop beside its completions.

use crate::engine::Engine;
use crate::process::ProcessTable;
use crate::signal::{SignalKind, SignalTable};

#[derive(Default)]
pub(crate) struct OsEvents {
    pub(crate) signals: SignalTable,
    pub(crate) processes: ProcessTable,
}

impl OsEvents {
    /// Makes ready what waits for the signals that have arrived: a bit for each number.
    pub(crate) fn deliver(&self, engine: &Engine, mut arrived: u128) {
        while arrived != 0 {
            let kind = SignalKind::from_raw(arrived.trailing_zeros() as i32);
            arrived &= arrived - 1;
            if kind == SignalKind::CHILD {
                self.processes.look();
            }
            self.signals.deliver(engine, kind);
        }
    }

    pub(crate) fn close(&self) {
        self.signals.close();
        self.processes.close();
    }
}
