//! The report in a terminal.

use super::{CellReport, Metric, Report, number, ratio, targets};

/// Prints every table: medians, and how a rate and the processor time compare with the bare loops.
pub(crate) fn print(report: &Report) {
    let machine = &report.machine;
    println!("{}, {} cores, {}, {}", machine.cpu, machine.cores, machine.kernel, report.taken);
    for cell in &report.cells {
        println!("\n{} ({}): {}", cell.title, cell.name, cell.about);
        print!("{}", aligned(&rows(cell)));
        for (peers, why) in cell.skips() {
            println!("  skipped: {peers}: {why}");
        }
    }
    print_targets(report);
    println!();
    for peer in report.peers.iter() {
        if let Some(reason) = &peer.skipped {
            println!("skipped: {}: {reason}", peer.name);
        }
    }
    for note in &report.notes {
        println!("note: {note}");
    }
}

/// Prints what is to be reached, as far as the run says anything of it.
fn print_targets(report: &Report) {
    let is_told = |row: &[String; 6]| {
        row[4..].iter().any(|it| !it.is_empty() && !it.starts_with(targets::NOT_IN_RUN))
    };
    let told = targets::rows(report).into_iter().filter(is_told);
    let told = told.map(|row| row.map(|cell| cell.replace("**", "")).to_vec());
    let rows: Vec<_> =
        std::iter::once(targets::HEAD.map(str::to_owned).to_vec()).chain(told).collect();
    if rows.len() > 1 {
        println!("\nTargets");
        print!("{}", aligned(&rows));
    }
}

/// Gives the cells of a table, its head first.
fn rows(cell: &CellReport) -> Vec<Vec<String>> {
    let metrics = cell.metrics();
    let mut head = vec![format!("a {}", cell.unit)];
    head.extend(metrics.iter().map(|metric| metric.title().to_owned()));
    let compared: Vec<(&str, Metric)> = [Metric::Rate, Metric::CpuNs, Metric::BytesPerConnection]
        .into_iter()
        .filter(|metric| metrics.contains(metric))
        .flat_map(|metric| ratio::BARE.map(|bare| (bare, metric)))
        .filter(|(bare, metric)| cell.figure(bare, *metric).is_some())
        .collect();
    head.extend(compared.iter().map(|(bare, metric)| format!("{} / {bare}", metric.word())));
    let mut rows = vec![head];
    for row in &cell.rows {
        if row.skipped.is_some() {
            continue;
        }
        let mut cells = vec![row.peer.clone()];
        cells.extend(metrics.iter().map(|metric| {
            row.figures
                .get(metric)
                .map_or_else(|| "–".to_owned(), |it| number::text(it.middle(*metric)))
        }));
        cells.extend(compared.iter().map(|(bare, metric)| {
            let ratio = ratio::of(cell, &row.peer, bare, *metric);
            ratio.map_or_else(|| "–".to_owned(), number::text)
        }));
        rows.push(cells);
    }
    rows
}

/// Aligns the first column to the left and the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| Some(row.get(column)?.chars().count()));
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            text += &if column == 0 {
                format!("  {cell:<width$}")
            } else {
                format!("  {cell:>width$}")
            };
        }
        text.push('\n');
    }
    text
}
