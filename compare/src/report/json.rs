//! The samples as a file: a line for each row, so that differences between two files can be read.

use serde::Serialize;

use super::Report;

pub(crate) fn text(report: &Report) -> serde_json::Result<String> {
    let mut text = String::from("{\n");
    text += &format!("\"taken\": {},\n", line(&report.taken)?);
    text += &format!("\"machine\": {},\n", line(&report.machine)?);
    text += &format!("\"settings\": {},\n", line(&report.settings)?);
    text += &format!("\"notes\": [\n{}\n],\n", lines(&report.notes)?);
    text += &format!("\"peers\": [\n{}\n],\n\"cells\": [\n", lines(&report.peers)?);
    for (index, cell) in report.cells.iter().enumerate() {
        let mut head = cell.clone();
        let rows = std::mem::take(&mut head.rows);
        // The rows come last in a cell, and are none yet.
        let head = line(&head)?;
        let head = head.strip_suffix("[]}").unwrap_or(&head);
        let comma = if index + 1 < report.cells.len() { "," } else { "" };
        text += &format!("{head}[\n{}\n]}}{comma}\n", lines(&rows)?);
    }
    Ok(text + "]\n}\n")
}

fn line(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value)
}

fn lines(values: &[impl Serialize]) -> serde_json::Result<String> {
    let lines = values.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    Ok(lines.join(",\n"))
}
