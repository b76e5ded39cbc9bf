//! The report as one file with everything in it: style, charts and tables, no script.

use super::chart::{bars, escaped};
use super::markdown::taken;
use super::{CellReport, Metric, Report, number, ratio, targets};

const STYLE: &str = "\
:root { color-scheme: light dark; --text: #1d1f24; --back: #fff; --soft: #6b7280; --line: #d6d9df;
  --ours: #2563eb; --peer: #9aa3b2; --bare: #d08a2f; }
@media (prefers-color-scheme: dark) { :root { --text: #e5e7eb; --back: #14161a; --soft: #9ca3af;
  --line: #353a44; --ours: #60a5fa; --peer: #6b7280; --bare: #d8a35b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 76rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { color: var(--soft); font-size: .85rem; }
svg { width: 100%; } svg text { font-size: 11px; fill: var(--text); }
svg .name { text-anchor: end; } svg line { stroke: var(--text); stroke-width: 1.2; opacity: .6; }
rect.ours { fill: var(--ours); } rect.peer { fill: var(--peer); } rect.bare { fill: var(--bare); }
.key span { margin-right: 1rem; } .key i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr.ours td:first-child { font-weight: 600; } small { color: var(--soft); }
nav { columns: 3 14rem; font-size: .9rem; } nav a { display: block; color: inherit; }
";

pub(crate) fn page(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>polyloop beside its peers</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    page += &head(report);
    page += &targets_table(report);
    page += "<nav>\n";
    for cell in &report.cells {
        page += &format!("<a href=\"#{0}\">{1}</a>\n", escaped(&cell.name), escaped(&cell.title));
    }
    page += "</nav>\n";
    for cell in &report.cells {
        page += &section(report, cell);
    }
    page + "</body>\n</html>\n"
}

fn head(report: &Report) -> String {
    let (machine, settings) = (&report.machine, &report.settings);
    let mut head = format!(
        "<h1>polyloop beside its peers</h1>\n<p>{} on {}, {} cores, {} GiB of memory{}, {}. Each peer did \
         each work {} times for {} ms in a fresh process, in turns with the others. Bars are medians, lines reach \
         from the least to the most. Times wander by 15&nbsp;% and more from run to run on such machines; counts repeat.</p>\n",
        escaped(&report.taken),
        escaped(&machine.cpu),
        machine.cores,
        machine.memory_mib.div_ceil(1024),
        if machine.virtual_machine { ", a virtual machine" } else { "" },
        escaped(&machine.kernel),
        settings.repetitions,
        settings.measured_ms,
    );
    head += "<p class=\"key\">";
    for (kind, words) in [("ours", "polyloop"), ("peer", "runtimes"), ("bare", "bare loops")] {
        head += &format!("<span><i style=\"background: var(--{kind})\"></i>{words}</span>");
    }
    head += "</p>\n<ul>\n";
    for note in &report.notes {
        head += &format!("<li>{}</li>\n", escaped(note));
    }
    head += "</ul>\n<div class=\"scroll\"><table><tr><th>peer</th><th>version</th><th>what it is</th></tr>\n";
    for peer in &report.peers {
        let skipped = match &peer.skipped {
            Some(why) => format!("; <b>skipped</b>: {}", escaped(why)),
            None => String::new(),
        };
        head += &format!(
            "<tr class=\"{}\"><td>{}</td><td>{}</td><td>{}{skipped}</td></tr>\n",
            escaped(&peer.kind),
            escaped(&peer.name),
            escaped(&peer.version),
            escaped(&peer.about)
        );
    }
    head + "</table></div>\n"
}

/// What is to be reached, and what is.
fn targets_table(report: &Report) -> String {
    let mut text = "<h2 id=\"targets\">Targets</h2>\n<div class=\"scroll\"><table><tr>".to_owned();
    for head in targets::HEAD {
        text += &format!("<th>{head}</th>");
    }
    text += "</tr>\n";
    for row in targets::rows(report) {
        let cells = row.map(|cell| format!("<td>{}</td>", emphasised(&escaped(&cell))));
        text += &format!("<tr>{}</tr>\n", cells.concat());
    }
    text += "</table></div>\n";
    for note in targets::notes(report) {
        text += &format!("<p><small>{}</small></p>\n", emphasised(&escaped(&note)));
    }
    text
}

/// Turns Markdown's bold words into HTML's, and drops its other marks.
fn emphasised(text: &str) -> String {
    let parts = text.split("**").enumerate();
    let marked = parts.map(|(at, part)| match at % 2 {
        0 => part.to_owned(),
        _ => format!("<b>{part}</b>"),
    });
    marked.collect::<String>().replace(['*', '`'], "")
}

fn section(report: &Report, cell: &CellReport) -> String {
    let mut text = format!(
        "<h2 id=\"{}\">{}</h2>\n<p>{}. Figures are for a {}{}.</p>\n<div class=\"charts\">\n",
        escaped(&cell.name),
        escaped(&cell.title),
        escaped(&cell.about),
        escaped(&cell.unit),
        taken(report, cell)
    );
    for metric in cell.metrics().into_iter().filter(|metric| metric.has_chart()) {
        if let Some(chart) = bars(report, cell, metric) {
            let better = if metric.more_is_better() { "more is better" } else { "less is better" };
            let title = metric.title();
            text +=
                &format!("<figure><figcaption>{title}, {better}</figcaption>\n{chart}</figure>\n");
        }
    }
    text += "</div>\n<details><summary>every figure</summary>\n";
    text += &table(report, cell);
    text += "</details>\n";
    for (peers, why) in cell.skips() {
        text += &format!("<p><small>No {}: {}.</small></p>\n", escaped(&peers), escaped(why));
    }
    text
}

/// Each figure with its spread, and its ratios to the bare loops.
fn table(report: &Report, cell: &CellReport) -> String {
    let metrics = cell.metrics();
    let mut text = "<div class=\"scroll\"><table><tr><th></th>".to_owned();
    for metric in &metrics {
        text += &format!("<th>{}</th>", metric.title());
    }
    text += "</tr>\n";
    for row in cell.rows.iter().filter(|row| row.skipped.is_none()) {
        let kind = report.peers.iter().find(|it| it.name == row.peer).map_or("peer", |it| &it.kind);
        text += &format!("<tr class=\"{}\"><td>{}</td>", escaped(kind), escaped(&row.peer));
        for metric in &metrics {
            text += &format!("<td>{}</td>", entry(cell, &row.peer, *metric));
        }
        text += "</tr>\n";
    }
    text + "</table></div>\n"
}

fn entry(cell: &CellReport, peer: &str, metric: Metric) -> String {
    let Some(figure) = cell.figure(peer, metric) else { return "–".to_owned() };
    let mut entry = number::text(figure.middle(metric));
    if figure.samples.len() > 1 {
        let (least, most) = (number::text(figure.least()), number::text(figure.most()));
        entry += &format!("<br><small>{least}–{most}</small>");
    }
    let ratios: Vec<String> = ratio::BARE
        .iter()
        .filter_map(|bare| {
            let ratio = ratio::of(cell, peer, bare, metric)?;
            Some(format!("{}×&nbsp;{bare}", number::text(ratio)))
        })
        .collect();
    if !ratios.is_empty() {
        entry += &format!("<br><small>{}</small>", ratios.join(", "));
    }
    entry
}
