//! Bars in SVG: the median, with a line from the least to the most.

use super::{CellReport, Metric, Report, number};

const NAME_WIDTH: f64 = 130.0;
const BAR_WIDTH: f64 = 330.0;
const VALUE_WIDTH: f64 = 120.0;
const ROW_HEIGHT: f64 = 18.0;

/// Draws one metric of a cell, a bar for each peer that has it.
pub(crate) fn bars(report: &Report, cell: &CellReport, metric: Metric) -> Option<String> {
    let rows: Vec<_> = cell
        .rows
        .iter()
        .filter_map(|row| Some((row.peer.as_str(), row.figures.get(&metric)?)))
        .collect();
    let most = rows.iter().map(|(_, figure)| figure.most()).fold(0.0, f64::max);
    if rows.is_empty() || !most.is_finite() || most <= 0.0 {
        return None;
    }
    let height = ROW_HEIGHT * rows.len() as f64 + 4.0;
    let width = NAME_WIDTH + BAR_WIDTH + VALUE_WIDTH;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{} of {}\">\n",
        metric.title(),
        escaped(&cell.title)
    );
    for (index, (peer, figure)) in rows.iter().enumerate() {
        let top = ROW_HEIGHT * index as f64 + 2.0;
        let at = |value: f64| NAME_WIDTH + value / most * BAR_WIDTH;
        let kind = report.peers.iter().find(|it| it.name == **peer).map_or("peer", |it| &it.kind);
        let (median, middle) = (figure.middle(metric), top + 7.0);
        svg += &format!(
            "<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>\
             <rect class=\"{kind}\" x=\"{NAME_WIDTH}\" y=\"{top}\" width=\"{:.1}\" height=\"14\"/>\
             <line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle}\" y2=\"{middle}\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>\n",
            NAME_WIDTH - 6.0,
            top + 11.0,
            escaped(peer),
            at(median) - NAME_WIDTH,
            at(figure.least()),
            at(figure.most()),
            at(figure.most()) + 6.0,
            top + 11.0,
            number::text(median),
        );
    }
    Some(svg + "</svg>\n")
}

/// Makes text safe inside of HTML, between tags and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            c => safe.push(c),
        }
    }
    safe
}
