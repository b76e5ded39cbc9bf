//! The report in a terminal.

use super::{CellReport, Metric, Report, number, ratio};

/// Prints every table: medians, and how a rate and the processor time compare with the bare loops.
pub(crate) fn print(report: &Report) {
    let machine = &report.machine;
    println!("{}, {} cores, {}, {}", machine.cpu, machine.cores, machine.kernel, report.taken);
    for cell in &report.cells {
        println!("\n{} ({}): {}", cell.title, cell.name, cell.about);
        print!("{}", aligned(&rows(cell)));
    }
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
    head.extend(compared.iter().map(|(bare, metric)| format!("{} / {bare}", metric.title())));
    let mut rows = vec![head];
    for row in &cell.rows {
        if row.skipped.is_some() {
            continue;
        }
        let mut cells = vec![row.peer.clone()];
        cells.extend(metrics.iter().map(|metric| {
            row.figures.get(metric).map_or_else(|| "–".to_owned(), |it| number::text(it.median()))
        }));
        cells.extend(compared.iter().map(|(bare, metric)| {
            let ratio = ratio::of(cell, &row.peer, bare, *metric);
            ratio.map_or_else(|| "–".to_owned(), number::text)
        }));
        rows.push(cells);
    }
    let skipped = cell.rows.iter().filter_map(|row| Some((&row.peer, row.skipped.as_ref()?)));
    rows.extend(skipped.map(|(peer, why)| vec![peer.clone(), format!("skipped: {why}")]));
    rows
}

/// Aligns the first column to the left and the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let whole = |row: &&Vec<String>| row.len() == rows[0].len();
    let width = |column: usize| {
        let cells = rows.iter().filter(whole).map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let first = rows.iter().map(|row| row[0].chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for row in rows {
        text += &format!("  {:<first$}", row[0]);
        for (column, cell) in row.iter().enumerate().skip(1) {
            // A row that is skipped has a reason instead of columns.
            let width = if row.len() == rows[0].len() { width(column) } else { 0 };
            text += &format!("  {cell:>width$}");
        }
        text = text.trim_end().to_owned() + "\n";
    }
    text
}
