//! Debug mode: finding what keeps the loop busy. Off, it costs one branch a callback.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use polyloop_core::{Result, Time};

use super::{Engine, Ready};
use crate::exception::ExceptionContext;
use crate::inspection::Watchdog;
use crate::task::TaskRef;

/// Turns debug mode on for every loop, unless it is empty or `0`.
const ENVIRONMENT: &str = "POLYLOOP_DEBUG";

/// How long something may run before it is reported: asyncio's number.
const SLOW: Duration = Duration::from_millis(100);

/// Whether what runs is watched, and how long it may.
pub(super) struct Debug {
    on: Cell<bool>,
    slow: Cell<Duration>,
}

/// Something that runs while it is watched.
pub(super) struct Watched {
    begin: Time,
    what: What,
}

enum What {
    Task(TaskRef),
    Callback(Option<&'static Location<'static>>),
}

impl Debug {
    pub(super) fn from_environment() -> Debug {
        let on = std::env::var_os(ENVIRONMENT).is_some_and(|set| !set.is_empty() && set != "0");
        Debug { on: Cell::new(on), slow: Cell::new(SLOW) }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on.get()
    }
}

impl Engine {
    pub(crate) fn is_debug(&self) -> bool {
        self.debug.on.get()
    }

    pub(crate) fn set_debug(&self, on: bool) {
        self.debug.on.set(on);
        self.note_watching();
    }

    /// Has what runs be watched, or no more, after what may ask for that has changed.
    fn note_watching(&self) {
        self.is_watched.set(self.is_debug() || self.inspection.pulse().is_some());
    }

    /// Starts a thread that tells of what blocks the loop.
    pub(crate) fn start_watchdog(&self, watchdog: Watchdog) -> Result<()> {
        self.inspection.start_watchdog(watchdog)?;
        self.note_watching();
        Ok(())
    }

    pub(crate) fn slow_callback_duration(&self) -> Duration {
        self.debug.slow.get()
    }

    pub(crate) fn set_slow_callback_duration(&self, duration: Duration) {
        self.debug.slow.set(duration);
    }

    /// Notes what is about to run.
    pub(super) fn watch(&self, ready: &Ready) -> Watched {
        let what = match ready {
            Ready::Task(task) => What::Task(task.clone()),
            Ready::Callback(callback) => What::Callback(callback.created_at()),
            Ready::Completed(_) | Ready::Wake(_) => What::Callback(None),
        };
        Watched { begin: self.now(), what }
    }

    /// Reports what has run for too long.
    pub(super) fn judge(&self, watched: Watched) {
        let took = self.now().since(watched.begin);
        if took < self.debug.slow.get() {
            return;
        }
        let (what, task) = match watched.what {
            What::Task(task) => (Described("task", Some(task.created_at())), Some(task.name())),
            What::Callback(place) => (Described("callback", place), None),
        };
        let message = format!("a {what} kept the loop busy for {took:?}");
        self.reporter.report(&ExceptionContext { message, panic: String::new(), task });
    }

    /// Reports the tasks that even the loop's end did not end.
    pub(super) fn report_destroyed(&self) {
        for task in self.tasks.all() {
            let what = Described("task", Some(task.created_at()));
            let message = format!("a {what} was destroyed while it was pending");
            let task = Some(task.name());
            self.reporter.report(&ExceptionContext { message, panic: String::new(), task });
        }
    }
}

struct Described(&'static str, Option<&'static Location<'static>>);

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Described(what, place) = self;
        match place {
            Some(place) => write!(f, "{what} (created at {place})"),
            None => f.write_str(what),
        }
    }
}
