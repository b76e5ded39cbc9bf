use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Metric;
use crate::peer::{Kind, Peer};

/// Everything that one run found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The day.
    pub(crate) taken: String,
    pub(crate) machine: Machine,
    pub(crate) settings: Told,
    /// What a reader of the figures has to know.
    pub(crate) notes: Vec<String>,
    pub(crate) peers: Vec<PeerReport>,
    pub(crate) cells: Vec<CellReport>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) kernel: String,
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) memory_mib: u64,
    pub(crate) virtual_machine: bool,
}

/// How the figures were taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) repetitions: u32,
    pub(crate) measured_ms: u64,
    pub(crate) warm_up_ms: u64,
    pub(crate) took_s: u64,
    pub(crate) quick: bool,
}

/// Who took part, or why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PeerReport {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) about: String,
    /// `bare`, `peer` or `ours`.
    pub(crate) kind: String,
    pub(crate) skipped: Option<String>,
}

impl PeerReport {
    pub(crate) fn new(peer: Peer, skipped: Option<String>) -> PeerReport {
        let kind = match peer.kind() {
            Kind::Bare => "bare",
            Kind::Peer => "peer",
            Kind::Ours => "ours",
        };
        PeerReport {
            name: peer.name().to_owned(),
            version: peer.version(),
            about: peer.about().to_owned(),
            kind: kind.to_owned(),
            skipped,
        }
    }
}

/// One table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CellReport {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) unit: String,
    /// How long each repetition was; zero, in a report that does not say, is what its settings say.
    #[serde(default)]
    pub(crate) measured_ms: u64,
    pub(crate) rows: Vec<Row>,
}

/// One peer's figures, or why there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) peer: String,
    pub(crate) skipped: Option<String>,
    pub(crate) figures: BTreeMap<Metric, Figure>,
}

/// What the repetitions gave, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Figure {
    pub(crate) samples: Vec<f64>,
}

impl Figure {
    pub(crate) fn least(&self) -> f64 {
        self.samples.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn most(&self) -> f64 {
        self.samples.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Gives what stands for the samples: the median, but the mean of what the kernel estimates by
    /// ticks, of which one repetition has too few.
    pub(crate) fn middle(&self, metric: Metric) -> f64 {
        if metric.is_estimated() {
            return self.samples.iter().sum::<f64>() / self.samples.len() as f64;
        }
        self.median()
    }

    /// Gives what is judged: the median, of user time too if each run was long enough to tell it.
    pub(crate) fn representative(&self, cell: &CellReport, metric: Metric) -> f64 {
        if cell.tells_user_time() { self.median() } else { self.middle(metric) }
    }

    /// Gives the least and the most of the middle half of the samples; of all, if they are few.
    pub(crate) fn half(&self) -> (f64, f64) {
        let sorted = self.sorted();
        let out = sorted.len() / 4;
        let half = &sorted[out..sorted.len() - out];
        let ends = half.first().zip(half.last());
        ends.map_or((f64::NAN, f64::NAN), |(least, most)| (*least, *most))
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// Gives the one in the middle, or the mean of the two that are.
    fn median(&self) -> f64 {
        let sorted = self.sorted();
        match sorted.len() {
            0 => f64::NAN,
            count if count % 2 == 1 => sorted[count / 2],
            count => (sorted[count / 2 - 1] + sorted[count / 2]) / 2.0,
        }
    }
}

/// From how long a run on its user time, which the kernel estimates by some hundred ticks a second, says
/// something by itself.
const TELLING_MS: u64 = 2_000;

impl CellReport {
    pub(crate) fn tells_user_time(&self) -> bool {
        self.measured_ms >= TELLING_MS
    }

    /// Gives the metrics that some row has.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        let has = |metric: &Metric| self.rows.iter().any(|row| row.figures.contains_key(metric));
        Metric::ALL.into_iter().filter(has).collect()
    }

    /// Gives the reasons for which peers have no figures, and which peers these are.
    pub(crate) fn skips(&self) -> Vec<(String, &str)> {
        let mut skips: Vec<(String, &str)> = Vec::new();
        for row in &self.rows {
            let Some(why) = row.skipped.as_deref() else { continue };
            match skips.iter_mut().find(|(_, reason)| *reason == why) {
                Some((peers, _)) => *peers += &format!(", {}", row.peer),
                None => skips.push((row.peer.clone(), why)),
            }
        }
        skips
    }

    pub(crate) fn figure(&self, peer: &str, metric: Metric) -> Option<&Figure> {
        self.rows.iter().find(|row| row.peer == peer)?.figures.get(&metric)
    }
}

impl Report {
    /// Says of each cell how long it was measured where an older file does not.
    pub(crate) fn fill_in(&mut self) {
        for cell in self.cells.iter_mut().filter(|cell| cell.measured_ms == 0) {
            cell.measured_ms = self.settings.measured_ms;
        }
    }

    /// Leaves out digits that say nothing, for the file.
    pub(crate) fn rounded(&self) -> Report {
        let mut rounded = self.clone();
        let rows = rounded.cells.iter_mut().flat_map(|cell| &mut cell.rows);
        for figure in rows.flat_map(|row| row.figures.values_mut()) {
            for sample in &mut figure.samples {
                *sample = (*sample * 1e3).round() / 1e3;
            }
        }
        rounded
    }
}
