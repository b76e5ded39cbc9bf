//! The report as a page for docs/.

use super::{CellReport, Metric, Report, number, ratio, targets};

pub(crate) fn page(report: &Report) -> String {
    let mut page = head(report);
    page += &format!("\n## Targets\n\n{}", targets::markdown(report));
    page += &overview(report);
    for cell in &report.cells {
        page += &format!(
            "\n### {}\n\n`{}`; {}. Figures are for a {}{}.\n\n",
            cell.title,
            cell.name,
            cell.about,
            cell.unit,
            taken(report, cell)
        );
        page += &table(cell);
        for (peers, why) in cell.skips() {
            page += &format!("\nNo {peers}: {why}.\n");
        }
    }
    page
}

fn head(report: &Report) -> String {
    let (machine, settings) = (&report.machine, &report.settings);
    let mut head = format!(
        "# Comparison\n\n\
         Written by `cargo run --release -p polyloop-compare -- --output docs`; [how it measures](../compare/README.md), \
         [the same as a page with charts](comparison.html), [all samples](comparison.json).\n\n\
         {} on {} ({} cores, {} GiB of memory{}), {}. Each peer did each work {} times for {} ms in a fresh process, in turns \
         with the others; server and load generator on a processor each. A figure is the median, with the least and the most below it; user and kernel time, \
         which the kernel may only estimate, are means. \
         **Times wander by 15 % and more from run to run on such machines; counts repeat.**\n",
        report.taken,
        machine.cpu,
        machine.cores,
        machine.memory_mib.div_ceil(1024),
        if machine.virtual_machine { ", a virtual machine" } else { "" },
        machine.kernel,
        settings.repetitions,
        settings.measured_ms,
    );
    if !report.notes.is_empty() {
        head += "\n";
    }
    for note in &report.notes {
        head += &format!("* {note}\n");
    }
    head += "\n| peer | version | what it is |\n|---|---|---|\n";
    for peer in &report.peers {
        let skipped =
            peer.skipped.as_ref().map_or(String::new(), |why| format!("; **skipped**: {why}"));
        head += &format!("| {} | {} | {}{skipped} |\n", peer.name, peer.version, peer.about);
    }
    head
}

/// One line for each cell: what a unit costs in processor time, relative to bare epoll where it
/// took part, else in nanoseconds.
fn overview(report: &Report) -> String {
    let present = |name: &&str| {
        report
            .cells
            .iter()
            .any(|cell| cell.rows.iter().any(|row| row.peer == **name && row.skipped.is_none()))
    };
    let names: Vec<&str> =
        report.peers.iter().map(|peer| peer.name.as_str()).filter(present).collect();
    let mut text = String::from(
        "\n## Processor time at a glance\n\nOf the server, relative to the bare epoll loop where it does the work (lower is \
         better), else in nanoseconds; for idle connections resident bytes.\n\n",
    );
    text += &format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for cell in &report.cells {
        let metric = if cell.metrics().contains(&Metric::BytesPerConnection) {
            Metric::BytesPerConnection
        } else {
            Metric::CpuNs
        };
        let relative = metric == Metric::CpuNs && cell.figure(ratio::BARE[0], metric).is_some();
        let value = |name: &&str| {
            let value = if relative {
                ratio::of(cell, name, ratio::BARE[0], metric)
            } else {
                cell.figure(name, metric).map(|it| it.middle(metric))
            };
            value.map_or_else(String::new, number::text)
        };
        let values: Vec<String> = names.iter().map(value).collect();
        text += &format!("| {} | {} |\n", cell.title, values.join(" | "));
    }
    text + "\n## Every figure\n\nBelow each figure are the least and the most, then its ratios to the bare loops: `e` epoll, `u` io_uring.\n"
}

/// Says how a cell was measured, where that is not how the others were.
pub(super) fn taken(report: &Report, cell: &CellReport) -> String {
    if cell.measured_ms == report.settings.measured_ms {
        return String::new();
    }
    let samples = cell.rows.iter().flat_map(|row| row.figures.values().map(|it| it.samples.len()));
    format!(", taken {} times for {} ms", samples.max().unwrap_or_default(), cell.measured_ms)
}

fn table(cell: &CellReport) -> String {
    let metrics = cell.metrics();
    let heads: Vec<String> = metrics.iter().map(|metric| metric.title().to_owned()).collect();
    let mut text = format!("| | {} |\n|---|{}\n", heads.join(" | "), "---|".repeat(metrics.len()));
    for row in cell.rows.iter().filter(|row| row.skipped.is_none()) {
        text += &format!("| {} |", row.peer);
        for metric in &metrics {
            text += &format!(" {} |", entry(cell, &row.peer, *metric));
        }
        text.push('\n');
    }
    text
}

/// Gives a figure with its spread, and its ratio to each bare loop that did the work.
fn entry(cell: &CellReport, peer: &str, metric: Metric) -> String {
    let Some(figure) = cell.figure(peer, metric) else { return "–".to_owned() };
    let mut small = Vec::new();
    if figure.samples.len() > 1 {
        let (least, most) = (number::text(figure.least()), number::text(figure.most()));
        small.push(format!("{least}–{most}"));
    }
    let ratios: Vec<String> = ratio::BARE
        .iter()
        .zip(["e", "u"])
        .filter_map(|(bare, letter)| {
            Some(format!("{} {letter}", number::text(ratio::of(cell, peer, bare, metric)?)))
        })
        .collect();
    if !ratios.is_empty() {
        small.push(ratios.join(", "));
    }
    let value = number::text(figure.middle(metric));
    if small.is_empty() { value } else { format!("{value} <sub>{}</sub>", small.join("; ")) }
}
