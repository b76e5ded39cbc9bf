use std::fmt;
use std::time::Duration;

use polyloop_core::OpKind;

use super::lag::Lag;
use crate::engine::Engine;

/// What a loop has done since it was made, and what it holds now.
///
/// Counting is always on: a few additions an iteration. Times are taken only where
/// [`RunnerBuilder::metrics`](crate::RunnerBuilder::metrics) or [`Loop::start_metrics`](crate::Loop::start_metrics)
/// asked for them, which reads a clock twice an iteration.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metrics {
    /// Iterations of the loop.
    pub iterations: u64,
    /// Turns of the backend: looks at the kernel. Busy iterations make do with fewer.
    pub turns: u64,
    /// Turns in which another thread had woken the loop.
    pub wake_ups: u64,
    /// What other threads posted.
    pub posts: u64,
    /// Callbacks and polls of tasks.
    pub callbacks: u64,
    /// The most callbacks and polls of tasks in one iteration.
    pub callbacks_max: u64,
    /// Tasks that have not ended.
    pub tasks: usize,
    /// Tasks and callbacks in the ready queue.
    pub ready: usize,
    /// Timers that are armed.
    pub timers: usize,
    /// Ops in flight that somebody waits for, by kind; kinds without any are left out.
    pub ops_in_flight: Vec<(OpKind, usize)>,
    /// How the time went; nothing unless times are taken.
    pub lag: Option<Lag>,
}

impl Metrics {
    pub(crate) fn of(engine: &Engine) -> Metrics {
        let counts = &engine.inspection.counts;
        let (ready, timers) = engine.queued();
        Metrics {
            iterations: counts.iterations.get(),
            turns: counts.turns.get(),
            wake_ups: counts.wake_ups.get(),
            posts: engine.shared.posts(),
            callbacks: counts.callbacks.get(),
            callbacks_max: counts.callbacks_max.get(),
            tasks: engine.tasks.len(),
            ready,
            timers,
            ops_in_flight: engine.ops_in_flight(),
            lag: engine.inspection.lag(),
        }
    }

    /// Gives how many callbacks and polls of tasks an iteration ran on average.
    pub fn callbacks_mean(&self) -> f64 {
        if self.iterations == 0 { 0.0 } else { self.callbacks as f64 / self.iterations as f64 }
    }
}

/// One metric a line, its name before the first space.
impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            ("iterations", self.iterations),
            ("turns", self.turns),
            ("wake_ups", self.wake_ups),
            ("posts", self.posts),
            ("callbacks", self.callbacks),
            ("callbacks_max", self.callbacks_max),
            ("tasks", self.tasks as u64),
            ("ready", self.ready as u64),
            ("timers", self.timers as u64),
        ];
        for (name, count) in counts {
            writeln!(f, "{name} {count}")?;
        }
        writeln!(f, "callbacks_mean {:.3}", self.callbacks_mean())?;
        for (kind, count) in &self.ops_in_flight {
            writeln!(f, "ops_in_flight.{} {count}", kind.name().replace(' ', "_"))?;
        }
        let Some(lag) = &self.lag else { return Ok(()) };
        let mut time = |name: &str, time: Duration| writeln!(f, "{name} {}", time.as_secs_f64());
        time("busy_seconds", lag.busy())?;
        time("lag_max_seconds", lag.max())?;
        time("lag_mean_seconds", lag.mean())?;
        for percent in [50, 90, 99] {
            if let Some(at) = lag.quantile(f64::from(percent) / 100.0) {
                time(&format!("lag_p{percent}_seconds"), at)?;
            }
        }
        Ok(())
    }
}
