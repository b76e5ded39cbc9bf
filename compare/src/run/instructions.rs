//! Instructions by callgrind, where the processor does not count them for us.

use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::affinity::Pair;
use super::cell::{Cell, Load};
use super::child::Child;
use super::measure::load_of;
use super::{Plan, Settings, counters};
use crate::load::Until;
use crate::peer::Peer;
use crate::report::{CellReport, Figure, Metric};

const CALLGRIND: [&str; 3] = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];

/// Messages of the two runs; what both have in common, the program's begin and end, falls out.
const MESSAGES: [u64; 2] = [2_000, 22_000];

/// Messages at a time, until a server that was told to end does: so many may be counted too few.
const ROUND: u64 = 500;

/// The same for work that is done alone.
const DURATIONS: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(350)];

/// How long all of it may take: what comes after that is left out.
const BUDGET: Duration = Duration::from_secs(180);

/// Adds instructions to the reports of cells that want them, and gives what is to be said about it.
pub(crate) fn add(
    plan: &Plan,
    settings: &Settings,
    cpus: Pair,
    reports: &mut [CellReport],
    bar: &ProgressBar,
) -> Option<String> {
    if counters::counts_instructions() {
        return Some("Instructions are those outside of the kernel, by the processor.".to_owned());
    }
    const NO_COUNTER: &str = "the processor's counter of instructions is out of reach here";
    let wanted: Vec<usize> =
        (0..plan.cells.len()).filter(|at| plan.cells[*at].with_callgrind).collect();
    if !settings.callgrind || wanted.is_empty() {
        return Some(format!(
            "Instructions were not counted: {NO_COUNTER}, and callgrind is left out of this run."
        ));
    }
    if !valgrind_is_there() {
        return Some(format!(
            "Instructions were not counted: {NO_COUNTER}, and valgrind is not installed."
        ));
    }
    let (mut failed, mut left_out) = (Vec::new(), 0);
    let begin = Instant::now();
    bar.inc_length((wanted.len() * plan.peers.len()) as u64);
    for at in wanted {
        let (cell, report) = (&plan.cells[at], &mut reports[at]);
        for (peer, row) in plan.peers.iter().zip(&mut report.rows) {
            bar.set_message(format!("{} {} under callgrind", cell.name, peer));
            bar.inc(1);
            if row.skipped.is_some() {
                continue;
            }
            if begin.elapsed() > BUDGET {
                left_out += 1;
                continue;
            }
            match per_operation(*peer, cell, cpus) {
                Ok(count) => {
                    row.figures.insert(Metric::Instructions, Figure { samples: vec![count] });
                }
                Err(error) => failed.push(format!("{} on {peer} ({error})", cell.name)),
            }
        }
    }
    let mut note = format!(
        "Instructions are those outside of the kernel, counted by callgrind in runs of their own for \
         some of the work, because {NO_COUNTER}. A server is slower there, so it has more to do at a time."
    );
    if left_out > 0 {
        note += &format!(" After {BUDGET:?} the remaining {left_out} such runs were left out.");
    }
    if !failed.is_empty() {
        note += &format!(" Callgrind could not run: {}.", failed.join(", "));
    }
    Some(note)
}

fn valgrind_is_there() -> bool {
    let mut command = Command::new(CALLGRIND[0]);
    let asked = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Divides the difference of a long and a short run, which go on side by side.
fn per_operation(peer: Peer, cell: &Cell, cpus: Pair) -> io::Result<f64> {
    let [short, long] = std::thread::scope(|scope| {
        let runs = [(0, cpus.server), (1, cpus.load)]
            .map(|(index, cpu)| scope.spawn(move || count(peer, cell, cpu, index)));
        runs.map(|run| run.join().unwrap_or_else(|_| Err(io::Error::other("it panicked"))))
    });
    let ((few, least), (many, most)) = (short?, long?);
    if many <= few || most <= least {
        return Err(io::Error::other("the longer run did no more"));
    }
    Ok((most - least) as f64 / (many - few) as f64)
}

/// Gives how much was done, and the instructions of all of it.
fn count(peer: Peer, cell: &Cell, cpu: usize, index: usize) -> io::Result<(u64, u64)> {
    let mut child = Child::start(peer, cell, cpu, &CALLGRIND)?;
    let (done, said) = if let Load::Alone(_) = cell.load {
        (child.run(DURATIONS[index])?.operations, child.finish()?)
    } else {
        let mut load = load_of(cell, &child.address)?;
        let mut done = load.run(Until::Messages(MESSAGES[index]))?.messages;
        // In `io_uring_enter` valgrind keeps signals back, for as long as its slice of time lasts, so a server on a
        // ring hears of its end only when it has done some more.
        let said = child.terminate(|| {
            while let Ok(phase) = load.run(Until::Messages(ROUND)) {
                done += phase.messages;
            }
        })?;
        (done, said)
    };
    let instructions = instructions_in(&said);
    Ok((done, instructions.ok_or_else(|| io::Error::other(format!("callgrind said {said}")))?))
}

/// Finds the sum that callgrind ends with: `==123== Collected : 4567`.
fn instructions_in(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests;
