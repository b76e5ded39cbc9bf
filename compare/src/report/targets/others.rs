//! Every echo cell without a target of its own: none is to be worse than the best peer.

use super::super::{CellReport, Metric, Report, number};
use super::aim::is_worse;
use super::row::best_peer;
use super::{NOT_IN_RUN, OURS, list};

pub(super) fn rows(report: &Report) -> Vec<[String; 6]> {
    [("messages a second", Metric::Rate), ("CPU ns of a message", Metric::CpuNs)]
        .map(|(what, metric)| row(report, what, metric))
        .into()
}

fn row(report: &Report, what: &str, metric: Metric) -> [String; 6] {
    let cells: Vec<&CellReport> =
        report.cells.iter().filter(|cell| list::is_other(&cell.name)).collect();
    let [on_mio, on_ring] = OURS.map(|(ours, _)| judged(report, &cells, ours, metric));
    let aim = "none worse than the best peer beyond noise".to_owned();
    let what = format!("every other echo cell, {what}");
    [what, aim, String::new(), String::new(), on_mio, on_ring]
}

/// Says in how many cells a backend keeps up, and which these are not.
fn judged(report: &Report, cells: &[&CellReport], ours: &str, metric: Metric) -> String {
    let (mut count, mut worse) = (0, Vec::new());
    for cell in cells {
        let Some(figure) = cell.figure(ours, metric) else { continue };
        let Some(best) = best_peer(report, cell, metric) else { continue };
        let Some(others) = cell.figure(best, metric) else { continue };
        count += 1;
        if is_worse(metric, figure, others) {
            let ratio = figure.middle(metric) / others.middle(metric);
            let by = if metric.more_is_better() { 1.0 - ratio } else { ratio - 1.0 };
            let name = cell.name.trim_start_matches("echo-");
            worse.push(format!("{name} by {} % ({best})", number::text(by * 100.0)));
        }
    }
    match (count, worse.len()) {
        (0, _) => NOT_IN_RUN.to_owned(),
        (count, 0) => format!("{count} of {count}: met"),
        (count, _) => {
            format!("{} of {count}: **missed** in {}", count - worse.len(), worse.join(", "))
        }
    }
}
