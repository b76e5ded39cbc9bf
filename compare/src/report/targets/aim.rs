use super::super::{CellReport, Figure, Metric, number};

/// What a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    /// What the bare loop takes, and so much more.
    BarePlus(f64),
    /// So many times what the bare loop takes, or does.
    OfBare(f64),
    /// Less than this.
    Under(f64),
    /// Less than `aim` where `of` took `then`: in this run the same part of what it takes now.
    UnderAsThen { aim: f64, of: &'static str, then: f64 },
    /// Less than every peer.
    UnderBest,
    /// No worse than the best peer, but for noise.
    AsBest,
    /// None.
    Nothing,
}

/// What a figure has to keep to, and whether it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) limit: f64,
    /// How much of the limit it is beyond it.
    pub(super) missed: Option<f64>,
}

/// How many of something that is to be none still say none: what a run begins and ends with.
const NOTHING: f64 = 0.005;

/// By how much figures may differ without saying anything, if their samples overlap.
const NOISE: f64 = 0.03;

impl Aim {
    /// Judges a figure; not if what it is to be compared with is missing.
    pub(super) fn judge(
        self,
        cell: &CellReport,
        metric: Metric,
        figure: &Figure,
        bare: Option<f64>,
        best: Option<&str>,
    ) -> Option<Verdict> {
        let value = figure.representative(cell, metric);
        let of = |peer: &str| Some(cell.figure(peer, metric)?.representative(cell, metric));
        let limit = match self {
            Aim::BarePlus(more) => bare? + more,
            Aim::OfBare(factor) => bare? * factor,
            Aim::Under(limit) => limit,
            Aim::UnderAsThen { aim, of: named, then } => of(named)? * aim / then,
            Aim::UnderBest | Aim::AsBest => of(best?)?,
            Aim::Nothing => 0.0,
        };
        let beyond =
            if metric.more_is_better() { 1.0 - value / limit } else { value / limit - 1.0 };
        let missed = match self {
            Aim::Nothing => value >= NOTHING,
            Aim::AsBest => is_worse(metric, figure, cell.figure(best?, metric)?),
            _ => beyond > 0.0,
        };
        Some(Verdict { limit, missed: missed.then_some(beyond) })
    }
}

impl Verdict {
    /// Says how it went.
    pub(super) fn text(self) -> String {
        match self.missed {
            None => "met".to_owned(),
            Some(missed) if missed.is_finite() => {
                format!("**missed by {} %**", number::text((missed * 100.0).max(0.01)))
            }
            Some(_) => "**missed**".to_owned(),
        }
    }
}

/// Tells whether a figure is worse than another beyond noise: by more than a few parts in a
/// hundred, and so that the middle halves of the samples do not overlap.
pub(super) fn is_worse(metric: Metric, figure: &Figure, other: &Figure) -> bool {
    let (middle, others) = (figure.middle(metric), other.middle(metric));
    let ((least, most), (others_least, others_most)) = (figure.half(), other.half());
    if metric.more_is_better() {
        middle < others * (1.0 - NOISE) && most < others_least
    } else {
        middle > others * (1.0 + NOISE) && least > others_most
    }
}
