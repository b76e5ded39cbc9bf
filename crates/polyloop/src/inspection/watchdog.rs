use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{Error, Result};

use super::pulse::{Beat, Blockage, Pulse};

/// A watchdog's rule: after how long something blocks the loop, and who is told.
///
/// The watchdog is a thread. It names the task while it still runs, once for each blockage, and
/// once again when that is over. While the loop idles it wakes up once in that time. The loop
/// pays two uncontended locks and a look at the clock for each task and callback that it runs.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
/// use std::time::Duration;
///
/// use polyloop::{Runner, Watchdog};
///
/// let (told, reports) = mpsc::channel();
/// let watchdog = Watchdog::after(Duration::from_millis(20))
///     .report_to(move |blockage| drop(told.send(blockage.clone())));
/// let runner = Runner::builder().watchdog(watchdog).build()?;
/// runner.run(async {
///     // Never do this in a task.
///     std::thread::sleep(Duration::from_millis(200));
/// })?;
/// assert_eq!(reports.recv().unwrap().task.as_deref(), Some("main"));
/// # Ok::<(), polyloop::Error>(())
/// ```
#[must_use]
#[derive(Clone)]
pub struct Watchdog {
    after: Duration,
    handler: Handler,
}

type Handler = Arc<dyn Fn(&Blockage) + Send + Sync>;

/// The least time that a watchdog tells from none.
const AFTER_MIN: Duration = Duration::from_millis(1);

impl Watchdog {
    /// Makes a watchdog that tells standard error of what runs for that long (at least a
    /// millisecond).
    pub fn after(after: Duration) -> Watchdog {
        let handler = Arc::new(|blockage: &Blockage| eprintln!("polyloop: {blockage}"));
        Watchdog { after: after.max(AFTER_MIN), handler }
    }

    /// Has a function told instead. It is called on the watchdog's thread, and what it panics
    /// with is dropped.
    pub fn report_to(self, handler: impl Fn(&Blockage) + Send + Sync + 'static) -> Watchdog {
        Watchdog { handler: Arc::new(handler), ..self }
    }

    /// Starts the thread; it ends when the pulse is stopped.
    pub(super) fn start(self, pulse: Arc<Pulse>) -> Result<()> {
        let thread = std::thread::Builder::new().name("polyloop-watchdog".to_owned());
        let started = thread.spawn(move || self.watch(&pulse));
        started.map(drop).map_err(|error| Error::from(error).attempting("start the watchdog"))
    }

    fn watch(&self, pulse: &Pulse) {
        let mut beat = pulse.lock();
        while !beat.stopped {
            match self.judge(&mut beat) {
                Verdict::Report(blockage) => {
                    drop(beat);
                    let _ = catch_unwind(AssertUnwindSafe(|| (self.handler)(&blockage)));
                    beat = pulse.lock();
                }
                Verdict::Wait(at_most) => {
                    let waited = pulse.changed.wait_timeout(beat, at_most);
                    beat = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
                }
            }
        }
    }

    fn judge(&self, beat: &mut Beat) -> Verdict {
        if let Some(ended) = beat.ended.take() {
            return Verdict::Report(ended);
        }
        match beat.lasted() {
            Some(lasted) if !beat.reported && lasted >= self.after => match beat.blockage() {
                Some(blockage) => {
                    beat.reported = true;
                    Verdict::Report(blockage)
                }
                None => Verdict::Wait(self.after),
            },
            Some(lasted) if !beat.reported => Verdict::Wait(self.after - lasted),
            _ => Verdict::Wait(self.after),
        }
    }
}

enum Verdict {
    Report(Blockage),
    Wait(Duration),
}

/// A watchdog that tells standard error.
impl From<Duration> for Watchdog {
    fn from(after: Duration) -> Watchdog {
        Watchdog::after(after)
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watchdog(after {:?})", self.after)
    }
}
