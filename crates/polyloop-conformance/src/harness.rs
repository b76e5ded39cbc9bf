use std::any::Any;
use std::env;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use polyloop_core::{ErrorKind, LoopConfig, LoopFactory};

use crate::random::seed;
use crate::rig::{Rig, Transport};

/// One case of the suite: a situation, and what the contract says about it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What the case says, as a sentence.
    pub name: &'static str,
    /// The clause of the contract that it belongs to.
    pub clause: u8,
    /// Runs it; it panics if the loop does not do what it owes.
    pub run: fn(&Harness),
}

/// What cases run against: a factory of loops, and how long to wait for what must come.
pub struct Harness {
    factory: Arc<dyn LoopFactory>,
    patience: Duration,
    seed: u64,
    rows: u64,
    transport: Transport,
}

/// How a case ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The loop does what the case asks for.
    Passed,
    /// The backend cannot run here, or lacks an optional capability; the reason.
    Skipped(String),
    /// The loop does not; what was expected and what was seen.
    Failed(String),
}

/// Unwinds out of a case that cannot run; not a panic, so no hook reports it.
struct Skip(String);

impl Harness {
    /// The name of the threads on which [`Harness::outcome`] runs cases, for panic hooks that
    /// do not report them.
    pub const OUTCOME_THREAD: &str = "conformance-outcome";

    /// Makes a harness that waits up to five seconds for each thing that must come.
    pub fn new(factory: impl LoopFactory + 'static) -> Harness {
        Harness {
            factory: Arc::new(factory),
            transport: Transport::Tcp,
            patience: Duration::from_secs(5),
            seed: seed(),
            rows: ROWS,
        }
    }

    /// Waits that long instead.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Harness {
        Harness { patience, ..self }
    }

    /// Draws random rows from that seed instead of `POLYLOOP_SEED`, or of the time.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Harness {
        Harness { seed, ..self }
    }

    /// Plays that many random rows of ops instead of 40.
    #[must_use]
    pub fn with_rows(self, rows: u64) -> Harness {
        Harness { rows, ..self }
    }

    /// Gives how many random rows of ops are played.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Gives the seed of random rows.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Gives how long a case waits for one thing.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Gives the factory.
    pub fn factory(&self) -> &dyn LoopFactory {
        &*self.factory
    }

    /// Runs a case as a test does: prints a skip, panics on a failure.
    ///
    /// # Panics
    ///
    /// If the case fails, does not end, or is skipped because the factory refuses while the
    /// environment variable `POLYLOOP_EXPECT` names it.
    pub fn run(self: Arc<Self>, case: &Case) {
        let backend = self.factory.name().to_owned();
        let seed = self.seed;
        match self.finish(case, case.name) {
            Ok(()) => {}
            Err(Ended::Panicked(payload)) => {
                eprintln!("random rows came from POLYLOOP_SEED={seed}");
                resume_unwind(payload)
            }
            Err(Ended::Skipped(reason)) => eprintln!("skipped: {backend}: {reason}"),
            Err(Ended::Hung(limit)) => {
                eprintln!("random rows came from POLYLOOP_SEED={seed}");
                panic!("{backend}: {} did not end within {limit:?}: a call hangs", case.name)
            }
        }
    }

    /// Runs a case and tells how it ended, without a panic.
    pub fn outcome(self: Arc<Self>, case: &Case) -> Outcome {
        match self.finish(case, Harness::OUTCOME_THREAD) {
            Ok(()) => Outcome::Passed,
            Err(Ended::Skipped(reason)) => Outcome::Skipped(reason),
            Err(Ended::Hung(limit)) => Outcome::Failed(format!("did not end within {limit:?}")),
            Err(Ended::Panicked(payload)) => Outcome::Failed(message_of(&*payload)),
        }
    }

    /// Runs the case on a thread of its own, which is left behind if a call never returns.
    fn finish(self: Arc<Self>, case: &Case, thread: &str) -> Result<(), Ended> {
        let limit = self.patience * 20;
        let (sender, receiver) = mpsc::channel();
        let run = case.run;
        let spawned = thread::Builder::new().name(thread.to_owned()).spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(|| run(&self)));
            // Only a harness that has stopped waiting does not receive it.
            let _ = sender.send(result);
        });
        spawned.expect("a thread for the case");
        match receiver.recv_timeout(limit) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(payload)) => Err(match payload.downcast::<Skip>() {
                Ok(skip) => Ended::Skipped(skip.0),
                Err(payload) => Ended::Panicked(payload),
            }),
            Err(_) => Err(Ended::Hung(limit)),
        }
    }

    /// Makes a loop of the standard bounds.
    pub(crate) fn rig(&self) -> Rig {
        self.rig_with(&LoopConfig::default())
    }

    /// Makes a loop; skips the case if the factory refuses.
    pub(crate) fn rig_with(&self, config: &LoopConfig) -> Rig {
        match self.factory.build(config) {
            Ok(events) => Rig::new(events, self.patience, self.transport),
            Err(error) if error.kind() == ErrorKind::Refused && !self.is_expected() => {
                skip(error.to_string())
            }
            Err(error) => panic!("{}: no loop could be made: {error}", self.factory.name()),
        }
    }

    /// Gives the same harness, of which [`Rig::pair`] makes connections over Unix sockets.
    pub(crate) fn over_unix(&self) -> Harness {
        Harness { factory: self.factory.clone(), transport: Transport::Unix, ..*self }
    }

    fn is_expected(&self) -> bool {
        let expected = env::var("POLYLOOP_EXPECT").unwrap_or_default();
        expected.split(',').any(|name| name.trim() == self.factory.name())
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness")
            .field("factory", &self.factory.name())
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// Leaves the case, which is then reported as skipped.
pub(crate) fn skip(reason: impl Into<String>) -> ! {
    resume_unwind(Box::new(Skip(reason.into())))
}

/// Random rows of one run: a few seconds where builds are not optimised.
const ROWS: u64 = 40;

enum Ended {
    Skipped(String),
    Panicked(Box<dyn Any + Send>),
    Hung(Duration),
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<String>(), payload.downcast_ref::<&str>()) {
        (Some(message), _) => message.clone(),
        (None, Some(message)) => (*message).to_owned(),
        (None, None) => "a panic without a message".to_owned(),
    }
}
