use std::path::PathBuf;
use std::rc::Rc;

use polyloop_core::{ErrorKind, LoopConfig, Result, Time, limits};

use crate::backend::{Backend, BackendInfo};
use crate::engine::Engine;
use crate::inspection::Watchdog;
use crate::loop_object::Loop;
use crate::sys::interrupts;
use crate::task::{self, Task, TaskStart};

/// Runs a future on a new loop to its end, and closes the loop: asyncio's `run`.
///
/// The loop is that of [`Backend::Auto`]. When the future has ended, the tasks that are left are
/// cancelled. Ctrl-C cancels the future, and `run` returns when it has unwound; a second Ctrl-C
/// ends the process. A process that was started to ignore Ctrl-C goes on ignoring it, and a loop
/// that handles it itself is not interrupted. A panic of the future goes on here.
///
/// # Errors
///
/// *Refused* if no backend can run here; *invalid input* if a loop runs on this thread already;
/// *interrupted* after Ctrl-C.
///
/// # Examples
///
/// ```
/// let answer = polyloop::run(async { 6 * 7 })?;
/// assert_eq!(answer, 42);
/// # Ok::<(), polyloop::Error>(())
/// ```
#[track_caller]
pub fn run<F: Future + 'static>(future: F) -> Result<F::Output> {
    Runner::new()?.run(future)
}

/// Makes a loop, runs futures on it one after the other, and closes it when it is dropped.
#[derive(Debug)]
pub struct Runner {
    events: Loop,
    handle_interrupt: bool,
}

/// Says what loop a [`Runner`] gets.
#[must_use]
#[derive(Clone, Debug)]
pub struct RunnerBuilder {
    backend: Backend,
    config: LoopConfig,
    handle_interrupt: bool,
    debug: Option<bool>,
    inspect: Option<PathBuf>,
    metrics: bool,
    watchdog: Option<Watchdog>,
}

impl RunnerBuilder {
    /// Chooses the backend; [`Backend::Auto`] if this is not called.
    pub fn backend(mut self, backend: Backend) -> RunnerBuilder {
        self.backend = backend;
        self
    }

    /// Sets the backend's bounds.
    pub fn config(mut self, config: LoopConfig) -> RunnerBuilder {
        self.config = config;
        self
    }

    /// Says whether Ctrl-C ends [`Runner::run`] in an orderly way; it does if this is not called.
    pub fn handle_interrupt(mut self, handle: bool) -> RunnerBuilder {
        self.handle_interrupt = handle;
        self
    }

    /// Turns debug mode on or off ([`Loop::set_debug`]); if this is not called, the environment
    /// variable `POLYLOOP_DEBUG` says.
    pub fn debug(mut self, on: bool) -> RunnerBuilder {
        self.debug = Some(on);
        self
    }

    /// Lets other processes of the same user look in; see [`Loop::open_inspector`]. If this is not
    /// called, the environment variable `POLYLOOP_INSPECT` says.
    pub fn inspect(mut self, path: impl Into<PathBuf>) -> RunnerBuilder {
        self.inspect = Some(path.into());
        self
    }

    /// Says whether times are taken for [`Loop::metrics`]; counting is always on.
    pub fn metrics(mut self, on: bool) -> RunnerBuilder {
        self.metrics = on;
        self
    }

    /// Starts a thread that tells of what blocks the loop; a duration tells standard error.
    pub fn watchdog(mut self, watchdog: impl Into<Watchdog>) -> RunnerBuilder {
        self.watchdog = Some(watchdog.into());
        self
    }

    /// Makes the runner and its loop, on this thread.
    ///
    /// # Errors
    ///
    /// *Refused* if the backend cannot run here, saying which and why.
    pub fn build(&self) -> Result<Runner> {
        let events = Loop::unobserved(&self.backend, &self.config)?;
        if let Some(on) = self.debug {
            events.set_debug(on);
        }
        if self.metrics {
            events.start_metrics();
        }
        if let Some(watchdog) = &self.watchdog {
            events.start_watchdog(watchdog.clone())?;
        }
        match &self.inspect {
            Some(path) => drop(events.open_inspector(path)?),
            None => events.observe_from_environment(),
        }
        Ok(Runner { events, handle_interrupt: self.handle_interrupt })
    }
}

impl Runner {
    /// Makes a runner with the defaults.
    ///
    /// # Errors
    ///
    /// As for [`RunnerBuilder::build`].
    pub fn new() -> Result<Runner> {
        Runner::builder().build()
    }

    /// Begins to say what loop the runner gets.
    pub fn builder() -> RunnerBuilder {
        RunnerBuilder {
            backend: Backend::Auto,
            config: LoopConfig::default(),
            handle_interrupt: true,
            debug: None,
            inspect: None,
            metrics: false,
            watchdog: None,
        }
    }

    /// Runs a future to its end. Other tasks keep their state until the next run.
    ///
    /// # Errors
    ///
    /// *Invalid input* if a loop runs on this thread already; *interrupted* after Ctrl-C, and if
    /// the loop is stopped ([`Loop::stop`]) before the future has ended.
    #[track_caller]
    pub fn run<F: Future + 'static>(&self, future: F) -> Result<F::Output> {
        let engine = self.events.engine();
        engine.check_runnable()?;
        let interrupts = self.handle_interrupt.then(|| interrupts::watch(engine.shared.clone()));
        let main = task::spawn(engine, future, Some("main".to_owned()), TaskStart::Soon);
        let result = drive(engine, main);
        drop(interrupts);
        result
    }

    /// Gives the runner's loop.
    pub fn event_loop(&self) -> &Loop {
        &self.events
    }

    /// Tells which backend the loop runs on, why, and what it can do.
    pub fn backend_info(&self) -> BackendInfo {
        self.events.backend_info()
    }

    /// Cancels what is left and closes the loop, as dropping the runner does.
    pub fn close(self) {}
}

impl Drop for Runner {
    fn drop(&mut self) {
        // Inside a running loop this would be a panic in a destructor: the thread's end closes it.
        if !self.events.is_running() {
            self.events.engine().close(limits::DROP_GRACE);
        }
    }
}

/// Iterates until the main task has ended.
fn drive<T>(engine: &Rc<Engine>, mut main: Task<T>) -> Result<T> {
    engine.shared.clear_interrupt();
    let mut interrupted = false;
    engine.run_until_done(&main, || {
        if !interrupted && engine.shared.take_interrupt() {
            interrupted = true;
            main.cancel_with("interrupted");
        }
    })?;
    // As asyncio's `stop` does: what the last iteration queued still runs.
    engine.iterate(Time::ZERO);
    match main.take_result() {
        Ok(output) => Ok(output),
        Err(error) => match error.into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) if interrupted => Err(ErrorKind::Interrupted.into()),
            Err(error) => Err(error.into()),
        },
    }
}
