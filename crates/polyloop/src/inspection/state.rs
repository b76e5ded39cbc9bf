use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use polyloop_core::{Error, ErrorKind, Result};

use super::counts::{Counts, Times};
use super::lag::Lag;
use super::pulse::Pulse;
use super::watchdog::Watchdog;
use crate::engine::Shared;
use crate::sys::inspector::Inspector;

/// Where others may look in: a directory, or a path.
const ENVIRONMENT: &str = "POLYLOOP_INSPECT";

/// What an engine holds for who looks at it.
///
/// `times` is there from when times were first asked for, `pulse` from when a watchdog was
/// started, `inspector` while others may look in.
#[derive(Default)]
pub(crate) struct Inspection {
    pub(crate) counts: Counts,
    times: OnceCell<Times>,
    pulse: Arc<OnceLock<Arc<Pulse>>>,
    inspector: RefCell<Option<Inspector>>,
}

impl Inspection {
    pub(super) fn start_times(&self) {
        self.times.get_or_init(Times::default);
    }

    pub(super) fn lag(&self) -> Option<Lag> {
        self.times.get().map(|times| times.lag.borrow().clone())
    }

    /// Gives the pulse, if a watchdog feels it.
    pub(crate) fn pulse(&self) -> Option<&Pulse> {
        self.pulse.get().map(|pulse| &**pulse)
    }

    pub(crate) fn start_watchdog(&self, watchdog: Watchdog) -> Result<()> {
        if self.pulse.get().is_some() {
            return Err(Error::new(ErrorKind::InvalidInput)
                .attempting("start a second watchdog for one loop"));
        }
        let pulse = Arc::new(Pulse::default());
        watchdog.start(pulse.clone())?;
        self.pulse.get_or_init(|| pulse);
        Ok(())
    }

    pub(super) fn open(&self, shared: &Arc<Shared>, path: &Path) -> Result<PathBuf> {
        // One at a time: what is open is closed first, as it may be at the same path.
        drop(self.inspector.take());
        let inspector = Inspector::open(shared.clone(), self.pulse.clone(), path)?;
        let path = inspector.path().to_owned();
        self.inspector.replace(Some(inspector));
        Ok(path)
    }

    pub(crate) fn before_turn(&self) {
        if let Some(times) = self.times.get() {
            times.before_turn();
        }
    }

    #[inline]
    pub(crate) fn begin_round(&self) {
        if let Some(times) = self.times.get() {
            times.resume();
        }
    }

    #[inline]
    pub(crate) fn end_round(&self) {
        if let Some(times) = self.times.get() {
            times.pause();
        }
    }

    /// Lets others look in where the environment says, if it does. A program must not fail for
    /// that, so one that cannot says so and runs on.
    pub(crate) fn open_from_environment(&self, shared: &Arc<Shared>) {
        let Some(path) = std::env::var_os(ENVIRONMENT).filter(|path| !path.is_empty()) else {
            return;
        };
        if let Err(error) = self.open(shared, Path::new(&path)) {
            eprintln!("polyloop: {ENVIRONMENT}: {error}");
        }
    }

    /// Ends what watches from other threads.
    pub(crate) fn close(&self) {
        drop(self.inspector.take());
        if let Some(pulse) = self.pulse.get() {
            pulse.stop();
        }
    }
}
