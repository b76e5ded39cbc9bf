use std::fmt;
use std::panic::Location;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::task::TaskRef;

/// What a loop runs at the moment, for the threads that watch it.
#[derive(Default)]
pub(crate) struct Pulse {
    beat: Mutex<Beat>,
    pub(super) changed: Condvar,
}

/// `since` is there exactly while something runs; `reported` only then. `ended` is the length of
/// a reported blockage until the watchdog has taken it.
#[derive(Default)]
pub(super) struct Beat {
    name: String,
    is_task: bool,
    created_at: Option<&'static Location<'static>>,
    since: Option<Instant>,
    pub(super) reported: bool,
    pub(super) ended: Option<Blockage>,
    pub(super) stopped: bool,
}

/// A task or callback that keeps its loop from everything else.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Blockage {
    /// The task's name; nothing for a callback.
    pub task: Option<String>,
    /// Where in the program the task was made, or the callback scheduled; nothing if that is not
    /// known, as for what the loop calls for itself.
    pub created_at: Option<&'static Location<'static>>,
    /// For how long it has run without a break.
    pub lasted: Duration,
    /// Whether it is over: each blockage is reported when it is noticed and when it is over.
    pub ended: bool,
}

impl Pulse {
    /// Notes that a task begins; it may just have ended.
    pub(crate) fn begin_task(&self, task: &TaskRef) {
        let mut beat = self.lock();
        beat.begin(true, Some(task.created_at()));
        task.write_name(&mut beat.name);
    }

    /// Notes that a callback begins, and where it was scheduled, if that is known.
    pub(crate) fn begin_callback(&self, created_at: Option<&'static Location<'static>>) {
        self.lock().begin(false, created_at);
    }

    /// Notes that what ran has come back.
    pub(crate) fn end(&self) {
        let mut beat = self.lock();
        if std::mem::take(&mut beat.reported) {
            beat.ended = beat.blockage().map(|blockage| Blockage { ended: true, ..blockage });
            self.changed.notify_all();
        }
        beat.since = None;
    }

    /// Tells what the loop runs now, if it runs something.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only the inspector asks"))]
    pub(crate) fn blockage(&self) -> Option<Blockage> {
        self.lock().blockage()
    }

    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Beat> {
        self.beat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Beat {
    fn begin(&mut self, is_task: bool, created_at: Option<&'static Location<'static>>) {
        self.name.clear();
        self.is_task = is_task;
        self.created_at = created_at;
        self.since = Some(Instant::now());
    }

    pub(super) fn blockage(&self) -> Option<Blockage> {
        let task = self.is_task.then(|| self.name.clone());
        let lasted = self.since?.elapsed();
        Some(Blockage { task, created_at: self.created_at, lasted, ended: false })
    }

    /// Tells for how long the same thing has run.
    pub(super) fn lasted(&self) -> Option<Duration> {
        self.since.map(|since| since.elapsed())
    }
}

impl fmt::Display for Blockage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.task {
            Some(name) => write!(f, "the task {}", super::snapshot::printable(name))?,
            None => f.write_str("a callback")?,
        }
        if let Some(place) = self.created_at {
            write!(f, " (made at {place})")?;
        }
        f.write_str(if self.ended { " blocked the loop for " } else { " blocks the loop, for " })?;
        write!(f, "{:.3} s", self.lasted.as_secs_f64())?;
        f.write_str(if self.ended { "" } else { " so far" })
    }
}
