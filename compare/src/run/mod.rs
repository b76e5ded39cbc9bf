//! The driver: starts a child for each peer, work and repetition, loads it, and writes down what it
//! cost.

mod affinity;
mod cell;
mod child;
mod counters;
mod instructions;
mod machine;
mod measure;
mod plan;
mod settings;

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::peer::Peer;
use crate::report::{CellReport, Figure, Metric, PeerReport, Report, Row};
use cell::Cell;
use measure::{Sample, measure};

pub(crate) use affinity::pin;
pub(crate) use cell::cells;
pub(crate) use plan::{Choice, Plan};
pub(crate) use settings::Settings;

/// Runs the plan.
pub(crate) fn run(plan: &Plan, settings: &Settings) -> io::Result<Report> {
    let begin = Instant::now();
    // The children have the same limit.
    polyloop_benches::raise_descriptor_limit();
    let cpus = affinity::pair()?;
    pin(cpus.load)?;
    // Before this run is what keeps the machine busy.
    let busy = machine::busy();
    let mut notes = notes(settings, cpus);
    notes.extend(busy);
    let bar = bar(plan.steps(settings));
    let mut reports = Vec::new();
    for cell in &plan.cells {
        reports.push(repeat(cell, plan, settings, cpus.server, &bar));
    }
    let counted = instructions::add(plan, settings, cpus, &mut reports, &bar);
    notes.extend(counted);
    bar.finish_and_clear();
    let refusals = plan.refused.iter().map(|(peer, reason)| (*peer, Some(reason.clone())));
    let peers = plan.peers.iter().map(|peer| (*peer, None)).chain(refusals);
    let report = Report {
        taken: machine::today(),
        machine: machine::facts(),
        settings: settings.told(begin.elapsed()),
        notes,
        peers: Peer::ALL
            .iter()
            .filter_map(|peer| peers.clone().find(|(it, _)| it == peer))
            .map(|(peer, skipped)| PeerReport::new(peer, skipped))
            .collect(),
        cells: reports,
    };
    Ok(report.rounded())
}

/// Measures every peer once, then every peer again, so that what else the machine does at some time
/// falls on all.
fn repeat(
    cell: &Cell,
    plan: &Plan,
    settings: &Settings,
    cpu: usize,
    bar: &ProgressBar,
) -> CellReport {
    let peers = &plan.peers;
    let mut samples: Vec<Result<Vec<Sample>, String>> = peers
        .iter()
        .map(|peer| match plan.leaves_out(*peer, cell) {
            None => Ok(Vec::new()),
            Some(why) => Err(why.to_owned()),
        })
        .collect();
    for repetition in 0..cell.repetitions(settings) {
        for (peer, samples) in peers.iter().zip(&mut samples) {
            bar.set_message(format!("{} {} #{}", cell.name, peer, repetition + 1));
            if let Ok(taken) = samples {
                match measure(*peer, cell, settings, cpu) {
                    Ok(sample) => taken.push(sample),
                    Err(error) => *samples = Err(format!("failed: {error}")),
                }
            }
            bar.inc(1);
        }
    }
    let row = |(peer, samples): (&Peer, Result<Vec<Sample>, String>)| match samples {
        Ok(samples) => Row { peer: peer.to_string(), skipped: None, figures: figures(&samples) },
        Err(why) => Row { peer: peer.to_string(), skipped: Some(why), figures: BTreeMap::new() },
    };
    CellReport {
        name: cell.name.clone(),
        title: cell.title.clone(),
        about: cell.about.clone(),
        unit: cell.unit.to_owned(),
        measured_ms: cell.measured(settings).as_millis() as u64,
        rows: peers.iter().zip(samples).map(row).collect(),
    }
}

/// Puts the samples of all repetitions together, metric by metric.
fn figures(samples: &[Sample]) -> BTreeMap<Metric, Figure> {
    let mut values: BTreeMap<Metric, Vec<f64>> = BTreeMap::new();
    for (metric, value) in samples.iter().flatten() {
        values.entry(*metric).or_default().push(*value);
    }
    values.into_iter().map(|(metric, values)| (metric, Figure { samples: values })).collect()
}

fn notes(settings: &Settings, cpus: affinity::Pair) -> Vec<String> {
    let mut notes = Vec::new();
    if cpus.server == cpus.load {
        notes.push("There is one processor only: server and load generator shared it.".to_owned());
    }
    notes.push(match counters::system_calls_refusal() {
        None => {
            "System calls were counted by the kernel's tracepoint in a short phase of its own, because \
             counting makes them dearer."
                .to_owned()
        }
        Some(why) => format!("System calls were not counted: {why}."),
    });
    notes.extend(unlike_a_release());
    if settings.quick {
        notes.push("A quick run: its times are rough.".to_owned());
    }
    notes
}

/// Says so if the program was not compiled as one is that is used.
fn unlike_a_release() -> Option<String> {
    let how = if cfg!(debug_assertions) {
        "without optimisations"
    } else if env!("POLYLOOP_COMPARE_INCREMENTAL") == "true" {
        "in increments (CARGO_INCREMENTAL)"
    } else {
        return None;
    };
    Some(format!(
        "**polyloop was compiled {how}**, unlike the loops in C and most of the peers: its figures are worse than they are."
    ))
}

fn bar(steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} (left: {eta}) {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
