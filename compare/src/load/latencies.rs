use std::time::Duration;

use hdrhistogram::Histogram;

/// How long messages took, to three digits, up to ten seconds.
#[derive(Clone, Debug)]
pub(crate) struct Latencies {
    nanos: Histogram<u64>,
}

const MOST: u64 = 10_000_000_000;
const DIGITS: u8 = 3;

impl Latencies {
    pub(crate) fn new() -> Latencies {
        let nanos = Histogram::new_with_bounds(1, MOST, DIGITS);
        Latencies { nanos: nanos.expect("the bounds are in order and three digits are few") }
    }

    pub(crate) fn record(&mut self, taken: Duration) {
        self.nanos.saturating_record(taken.as_nanos() as u64);
    }

    /// Gives the microseconds under which so many in a hundred stayed.
    pub(crate) fn micros_at(&self, percentile: f64) -> f64 {
        self.nanos.value_at_percentile(percentile) as f64 / 1e3
    }
}
