use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{ExitCode, Termination};
use std::time::Duration;

use polyloop_core::{Error, LoopConfig};

use crate::backend::Backend;
use crate::exception::text_of;
use crate::runner::Runner;

/// What `#[polyloop::test]` runs: a function, once on each backend that there is.
#[derive(Debug)]
pub struct TestPlan {
    name: &'static str,
    pinned: Option<Backend>,
    config: LoopConfig,
    timeout: Duration,
    /// What a panic must say, if there must be one.
    panics: Option<&'static str>,
}

impl TestPlan {
    /// Plans a test on every backend, for at most a minute on each.
    pub fn new(name: &'static str) -> TestPlan {
        TestPlan {
            name,
            pinned: None,
            config: LoopConfig::default(),
            timeout: Duration::from_secs(60),
            panics: None,
        }
    }

    /// Runs on one backend only, whatever the environment says.
    #[must_use]
    pub fn pin(mut self, backend: Backend) -> TestPlan {
        self.pinned = Some(backend);
        self
    }

    /// Sets the loops' bounds.
    #[must_use]
    pub fn config(mut self, config: LoopConfig) -> TestPlan {
        self.config = config;
        self
    }

    /// Sets how long the test may take on one backend.
    #[must_use]
    pub fn timeout_ns(mut self, timeout_ns: u64) -> TestPlan {
        self.timeout = Duration::from_nanos(timeout_ns);
        self
    }

    /// Wants a panic that says this, on each backend.
    #[must_use]
    pub fn should_panic(mut self, expected: &'static str) -> TestPlan {
        self.panics = Some(expected);
        self
    }

    /// Runs the test.
    ///
    /// # Panics
    ///
    /// If it fails on a backend, or, where a panic is wanted, if it panics on every backend.
    pub fn run<F>(self, test: impl Fn() -> F)
    where
        F: Future + 'static,
        F::Output: Termination,
    {
        let backends = self.backends();
        let mut skipped = Vec::new();
        let mut panic = None;
        for backend in &backends {
            let runner = Runner::builder()
                .backend(backend.clone())
                .config(self.config.clone())
                .handle_interrupt(false)
                .build();
            let ended = match runner {
                Ok(runner) => catch_unwind(AssertUnwindSafe(|| self.run_on(&runner, test()))),
                Err(error) => {
                    self.skip(backend, &error);
                    skipped.push(error.to_string());
                    continue;
                }
            };
            match self.judge(backend, ended) {
                Verdict::Goes(next) => panic = panic.or(next),
                Verdict::Failed(payload) => resume_unwind(payload),
                Verdict::NoPanic => return,
            }
        }
        match panic {
            Some(payload) => resume_unwind(payload),
            None => self.end_without_panic(&backends, &skipped),
        }
    }

    /// Gives the pinned backend, or the one that the environment names, or all.
    fn backends(&self) -> Vec<Backend> {
        if let Some(backend) = &self.pinned {
            return vec![backend.clone()];
        }
        match std::env::var("POLYLOOP_BACKEND") {
            Ok(name) if !name.is_empty() && name != "auto" => {
                let named = name.parse::<Backend>();
                vec![named.unwrap_or_else(|error| panic!("obey POLYLOOP_BACKEND: {error}"))]
            }
            _ => Backend::BUILT_IN.to_vec(),
        }
    }

    fn run_on<F>(&self, runner: &Runner, test: F)
    where
        F: Future + 'static,
        F::Output: Termination,
    {
        let output = runner
            .run(crate::time::timeout(self.timeout, test))
            .unwrap_or_else(|error| panic!("the loop cannot run: {error}"))
            .unwrap_or_else(|_| panic!("the test did not end within {:?}", self.timeout));
        // An `Err` is printed by this, as the standard harness has it.
        assert_eq!(output.report(), ExitCode::SUCCESS, "the test gave a failure");
    }

    /// Prints that a backend is left out.
    ///
    /// # Panics
    ///
    /// If the environment expects the backend, or it is one of the user's own.
    fn skip(&self, backend: &Backend, error: &Error) {
        let expected = std::env::var("POLYLOOP_EXPECT").unwrap_or_default();
        let is_expected = expected.split(',').any(|name| name.trim() == backend.name());
        let is_own = matches!(backend, Backend::Custom(_));
        assert!(!is_expected && !is_own, "{}: expected to run on {backend}: {error}", self.name);
        println!("skipped: {} on {backend}: {error}", self.name);
    }

    fn judge(&self, backend: &Backend, ended: Result<(), Box<dyn Any + Send>>) -> Verdict {
        match (self.panics, ended) {
            (None, Ok(())) => Verdict::Goes(None),
            (None, Err(payload)) => {
                eprintln!("{} failed on {backend}", self.name);
                Verdict::Failed(payload)
            }
            (Some(_), Ok(())) => {
                eprintln!("{} did not panic on {backend}", self.name);
                Verdict::NoPanic
            }
            // Which text is wrong is the standard harness's to say.
            (Some(text), Err(payload)) if !text_of(&*payload).contains(text) => {
                eprintln!("{} panicked otherwise on {backend}", self.name);
                Verdict::Failed(payload)
            }
            (Some(_), Err(payload)) => Verdict::Goes(Some(payload)),
        }
    }

    /// Ends a test that did not panic, or was not run: a skipped test passes, so one that
    /// should panic does; one that no backend could run fails, unless it is for one backend.
    fn end_without_panic(&self, backends: &[Backend], skipped: &[String]) {
        let ran_nowhere = skipped.len() == backends.len();
        assert!(
            !ran_nowhere || backends.len() == 1,
            "{}: no backend can run here: {}",
            self.name,
            skipped.join("; ")
        );
        if let Some(text) = self.panics {
            panic!("{text} (as the test should, had it not been skipped)");
        }
    }
}

/// What the end of a test on one backend means for the others.
enum Verdict {
    /// As it should be; a wanted panic is kept.
    Goes(Option<Box<dyn Any + Send>>),
    Failed(Box<dyn Any + Send>),
    NoPanic,
}
