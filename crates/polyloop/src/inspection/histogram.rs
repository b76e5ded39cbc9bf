//! A histogram of durations: with the feature `metrics` one of the crate `hdrhistogram`, which
//! never allocates once it is made; without it nothing.

#[cfg(feature = "metrics")]
mod kept {
    use std::time::Duration;

    /// The longest duration that is told from longer ones: an hour.
    const NANOS_MAX: u64 = 3_600_000_000_000;

    #[derive(Clone, Debug)]
    pub(in super::super) struct Histogram(hdrhistogram::Histogram<u64>);

    impl Default for Histogram {
        fn default() -> Histogram {
            let made = hdrhistogram::Histogram::new_with_bounds(1, NANOS_MAX, 2);
            Histogram(made.expect("the bounds and two digits are what the crate asks for"))
        }
    }

    impl Histogram {
        pub(in super::super) fn record(&mut self, span: Duration) {
            let nanos = u64::try_from(span.as_nanos()).unwrap_or(NANOS_MAX);
            self.0.saturating_record(nanos);
        }

        pub(in super::super) fn quantile(&self, fraction: f64) -> Option<Duration> {
            Some(Duration::from_nanos(self.0.value_at_quantile(fraction)))
        }
    }
}

#[cfg(not(feature = "metrics"))]
mod absent {
    use std::time::Duration;

    #[derive(Clone, Debug, Default)]
    pub(in super::super) struct Histogram;

    impl Histogram {
        pub(in super::super) fn record(&mut self, _: Duration) {}

        pub(in super::super) fn quantile(&self, _: f64) -> Option<Duration> {
            None
        }
    }
}

#[cfg(not(feature = "metrics"))]
pub(super) use absent::Histogram;
#[cfg(feature = "metrics")]
pub(super) use kept::Histogram;
