use super::{CellReport, Metric};

/// The loops that everything is divided by, if they took part: C, by readiness and by completion.
pub(crate) const BARE: [&str; 2] = ["epoll", "io_uring"];

/// Gives the ratio of a peer's figure to that of a bare loop.
pub(crate) fn of(cell: &CellReport, peer: &str, bare: &str, metric: Metric) -> Option<f64> {
    if !metric.has_ratio() {
        return None;
    }
    let (figure, base) =
        (cell.figure(peer, metric)?.middle(metric), cell.figure(bare, metric)?.middle(metric));
    let ratio = figure / base;
    ratio.is_finite().then_some(ratio)
}
