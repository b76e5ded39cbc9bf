use std::str::FromStr;

use super::metrics::Metrics;
use super::snapshot::Snapshot;
use super::{task_table, task_tree};
use crate::engine::Engine;

/// What can be asked from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    /// Every task on a line.
    Tasks,
    /// The tasks as trees.
    TaskTree,
    /// The loop's metrics.
    Metrics,
}

#[cfg_attr(not(unix), expect(dead_code, reason = "nobody can ask"))]
impl Request {
    /// Answers on the loop's own thread.
    pub(crate) fn answer(self, engine: &Engine) -> String {
        match self {
            Request::Tasks => task_table::render(&Snapshot::of(engine)),
            Request::TaskTree => task_tree::render(&Snapshot::of(engine)),
            Request::Metrics => Metrics::of(engine).to_string(),
        }
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(word: &str) -> Result<Request, String> {
        match word {
            "ps" => Ok(Request::Tasks),
            "pstree" => Ok(Request::TaskTree),
            "metrics" => Ok(Request::Metrics),
            other => Err(format!("unknown request {other:?} (known: ps, pstree, metrics)")),
        }
    }
}
