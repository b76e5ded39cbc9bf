//! What the twins are written with: Python's `print` and `finally`, as a log and a guard.

use std::fmt::Display;
use std::time::Duration;

use polyloop::{TaskReport, call_soon, yield_now};

pub(super) use crate::{Log, run};

pub(super) const MS: Duration = Duration::from_millis(1);

/// Longer than any program takes.
pub(super) const LONG: Duration = Duration::from_secs(4);

impl Log {
    /// Gives a callback that logs a line.
    pub(super) fn line(&self, what: impl ToString) -> Box<dyn FnOnce()> {
        let (log, what) = (self.clone(), what.to_string());
        Box::new(move || log.push(what))
    }

    /// Gives a done callback that logs a line.
    pub(super) fn done_line(&self, what: &'static str) -> impl FnOnce(&TaskReport) + 'static {
        let log = self.clone();
        move |_| log.push(what)
    }

    /// Logs a line when what this gives is dropped: a `finally` that only prints.
    pub(super) fn finally(&self, what: impl Into<String>) -> Finally {
        Finally { log: self.clone(), what: what.into() }
    }
}

pub(super) struct Finally {
    log: Log,
    what: String,
}

impl Drop for Finally {
    fn drop(&mut self) {
        self.log.push(std::mem::take(&mut self.what));
    }
}

/// Queues a chain of callbacks that shows where each iteration is.
pub(super) fn queue_ticks(log: &Log, last: u32) {
    fn tick(log: Log, n: u32, last: u32) {
        log.push(format!("tick {n}"));
        if n < last {
            call_soon(move || tick(log, n + 1, last));
        }
    }
    let log = log.clone();
    call_soon(move || tick(log, 0, last));
}

pub(super) async fn yield_times(times: u32) {
    for _ in 0..times {
        yield_now().await;
    }
}

/// Holds the loop up.
pub(super) fn block(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// Writes a truth value as Python does.
pub(super) fn py(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// Writes a list of strings as Python does.
pub(super) fn py_list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| format!("'{item}'")).collect();
    format!("[{}]", quoted.join(", "))
}
