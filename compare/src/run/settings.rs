use std::time::Duration;

use rustix::process::{Resource, getrlimit};

use crate::report::Told;

/// How long and how often things are measured.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) repetitions: u32,
    pub(crate) warm_up: Duration,
    /// What is timed.
    pub(crate) measured: Duration,
    /// In which system calls are counted.
    pub(crate) counted: Duration,
    /// Connections of the work that looks at idle ones, where the system allows as many.
    idle_connections: usize,
    /// Whether to run some of the work under callgrind where the processor counts no instructions.
    pub(crate) callgrind: bool,
    pub(crate) quick: bool,
    /// How often and how long user time is measured, which takes long.
    pub(crate) for_user_time: (u32, Duration),
    /// Whether only what the table of targets needs is measured.
    pub(crate) targets: bool,
}

impl Settings {
    /// A run of some twenty minutes.
    pub(crate) fn full() -> Settings {
        Settings {
            repetitions: 5,
            warm_up: Duration::from_millis(50),
            measured: Duration::from_millis(200),
            counted: Duration::from_millis(40),
            idle_connections: 5_000,
            callgrind: true,
            quick: false,
            for_user_time: (10, Duration::from_secs(5)),
            targets: false,
        }
    }

    /// A run of some ten minutes, of what the table of targets needs.
    pub(crate) fn targets() -> Settings {
        Settings { callgrind: false, targets: true, ..Settings::full() }
    }

    /// A run of one or two minutes, which also leaves cells out.
    pub(crate) fn quick() -> Settings {
        Settings {
            repetitions: 3,
            warm_up: Duration::from_millis(20),
            measured: Duration::from_millis(60),
            counted: Duration::from_millis(20),
            idle_connections: 500,
            callgrind: false,
            quick: true,
            for_user_time: (3, Duration::from_secs(2)),
            targets: false,
        }
    }

    /// Gives how many idle connections to open: no more than the limit of descriptors leaves room for.
    pub(crate) fn idle_connections(&self) -> usize {
        let limit = getrlimit(Resource::Nofile).current;
        let most = limit.map_or(self.idle_connections, |limit| (limit / 2) as usize);
        self.idle_connections.min(most)
    }

    /// Gives them as the report has them.
    pub(crate) fn told(&self, took: Duration) -> Told {
        Told {
            repetitions: self.repetitions,
            measured_ms: self.measured.as_millis() as u64,
            warm_up_ms: self.warm_up.as_millis() as u64,
            took_s: took.as_secs(),
            quick: self.quick,
        }
    }
}
