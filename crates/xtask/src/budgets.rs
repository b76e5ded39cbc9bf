//! Counts the instructions of the hot paths and compares them with what is committed.
//!
//! `polyloop-budgets` runs under callgrind, which counts and does not time, so that the numbers repeat however busy
//! the machine is. What has grown by more than [`GROWTH_MAX`] is a finding.

mod counting;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;

use counting::Counted;
use table::{Row, Table};

/// Where the numbers are, from the root.
const FILE: &str = "benches/budgets/budgets.tsv";

/// By how much a number may grow before it is a finding.
const GROWTH_MAX: f64 = 0.03;

/// What is never a finding: three hundredths of a small number are less than one turn of a loop.
const INSTRUCTIONS_MIN: f64 = 3.0;

/// Counts, and gives what has grown; with `bless` writes the numbers down instead.
///
/// With `parts` only the works are done whose name has one of these in it.
pub(crate) fn findings(root: &Path, bless: bool, parts: &[&str]) -> Result<Vec<String>, String> {
    let counted = counting::count(root, parts)?;
    let path = root.join(FILE);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let recorded = Table::parse(&text).map_err(|error| format!("{FILE}: {error}"))?;
    if bless {
        let table = blessed(&recorded, &counted, parts.is_empty());
        print!("{}", changes(&recorded, &counted));
        std::fs::write(&path, table.to_string()).map_err(|error| format!("{FILE}: {error}"))?;
        println!("{} numbers are in {FILE}", table.rows.len());
        return Ok(Vec::new());
    }
    if recorded.architecture() != counted.architecture() {
        println!("not judged: {FILE} is of another architecture ({})", recorded.facts);
        return Ok(Vec::new());
    }
    print!("{}", changes(&recorded, &counted));
    let mut findings = judge(&recorded, &counted, parts.is_empty());
    if !findings.is_empty() {
        findings.extend(advice(&recorded, &counted));
    }
    Ok(findings)
}

/// Gives one line for each number that has grown too much, and each that has no counterpart.
fn judge(recorded: &Table, counted: &Counted, all: bool) -> Vec<String> {
    let mut findings = Vec::new();
    for row in &counted.rows {
        match recorded.find(row) {
            None => findings.push(format!("{}: not in {FILE}; --bless adds it", row.name())),
            Some(old) if has_grown(old, row) => findings.push(format!(
                "{}: {} instructions, {} were recorded ({:+.1} %); callgrind_annotate --auto=no \
                 --threshold=100 {}",
                row.name(),
                row.instructions.round(),
                old.instructions,
                growth(old, row) * 100.0,
                row.profile
            )),
            Some(_) => {}
        }
    }
    if all {
        let lost = recorded.rows.iter().filter(|row| counted.find(row).is_none());
        let lost = lost.filter(|row| !counted.is_refused(&row.backend));
        findings.extend(lost.map(|row| format!("{}: recorded, and not counted", row.name())));
    }
    findings
}

fn advice(recorded: &Table, counted: &Counted) -> Vec<String> {
    let mut lines = vec![format!(
        "In a profile what says 100 % was running when counting began; what follows is what cost. A number \
         may grow for a reason: `cargo run -p xtask -- budgets --bless` writes {FILE} anew, and the \
         commit says why."
    )];
    if recorded.facts != counted.facts {
        lines.push(format!(
            "The numbers were recorded with {}; this is {}. Others give other counts.",
            recorded.facts, counted.facts
        ));
    }
    lines
}

/// Says what is different, a line each, the greatest growth first.
fn changes(recorded: &Table, counted: &Counted) -> String {
    let mut changed: Vec<(f64, &Row, &Row)> = counted
        .rows
        .iter()
        .filter_map(|row| recorded.find(row).map(|old| (growth(old, row), old, row)))
        .filter(|(growth, old, row)| growth.abs() >= 0.005 && moved(old, row) >= 1.0)
        .collect();
    changed.sort_by(|one, other| other.0.total_cmp(&one.0));
    changed.iter().fold(String::new(), |text, (growth, old, row)| {
        let (before, now) = (old.instructions, row.instructions.round());
        text + &format!("{:+6.1} %  {before} -> {now}  {}\n", growth * 100.0, row.name())
    })
}

/// Gives the table to write: what was counted, and, if not all was, the rest as it is.
fn blessed(recorded: &Table, counted: &Counted, all: bool) -> Table {
    let keeps =
        |row: &&Row| counted.find(row).is_none() && (!all || counted.is_refused(&row.backend));
    let mut rows: Vec<Row> = recorded
        .rows
        .iter()
        .filter(|row| keeps(row) || counted.find(row).is_some())
        .map(|row| counted.find(row).unwrap_or(row).clone())
        .collect();
    let new = counted.rows.iter().filter(|row| recorded.find(row).is_none());
    rows.extend(new.cloned());
    Table { facts: counted.facts.clone(), rows }
}

fn has_grown(old: &Row, new: &Row) -> bool {
    growth(old, new) > GROWTH_MAX && moved(old, new) > INSTRUCTIONS_MIN
}

fn growth(old: &Row, new: &Row) -> f64 {
    (new.instructions - old.instructions) / old.instructions.max(1.0)
}

fn moved(old: &Row, new: &Row) -> f64 {
    (new.instructions - old.instructions).abs()
}
