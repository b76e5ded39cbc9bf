use std::time::Duration;

use super::histogram::Histogram;

/// How long the loop was busy between two turns of its backend.
///
/// That is its lag: what an event that arrives meanwhile waits for at most. Waiting for events is
/// not in it, and neither is the time in which the loop was not run.
#[derive(Clone, Debug, Default)]
pub struct Lag {
    busy: Duration,
    max: Duration,
    count: u32,
    histogram: Histogram,
}

impl Lag {
    pub(super) fn record(&mut self, span: Duration) {
        self.busy += span;
        self.max = self.max.max(span);
        self.count = self.count.saturating_add(1);
        self.histogram.record(span);
    }

    /// Gives how long the loop was busy in all.
    pub fn busy(&self) -> Duration {
        self.busy
    }

    /// Gives the longest lag.
    pub fn max(&self) -> Duration {
        self.max
    }

    /// Gives the mean lag.
    pub fn mean(&self) -> Duration {
        self.busy.checked_div(self.count).unwrap_or_default()
    }

    /// Gives the lag that a fraction (from 0 to 1) of all did not exceed, to two digits.
    ///
    /// Nothing without the feature `metrics`, which keeps the histogram.
    pub fn quantile(&self, fraction: f64) -> Option<Duration> {
        self.histogram.quantile(fraction)
    }
}
