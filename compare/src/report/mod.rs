//! What was measured, and the pages that show it.

mod chart;
mod filled;
mod html;
mod json;
mod markdown;
mod metric;
mod model;
mod number;
mod ratio;
mod table;
mod targets;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

pub(crate) use metric::Metric;
pub(crate) use model::{CellReport, Figure, Machine, PeerReport, Report, Row, Told};
pub(crate) use table::print;
pub(crate) use targets::need as targets_need;

/// The names of the files, without what stands after the dot.
const STEM: &str = "comparison";

impl Report {
    /// Writes the report as Markdown, as JSON and as a page, and its targets into the page beside them that has
    /// a place for them.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let json = json::text(self).map_err(io::Error::other)?;
        let file = |ending: &str| folder.join(format!("{STEM}.{ending}"));
        std::fs::write(file("json"), json)?;
        std::fs::write(file("md"), markdown::page(self))?;
        std::fs::write(file("html"), html::page(self))?;
        filled::fill(folder, &targets::markdown(self))
    }

    /// Reads what `write` has written as JSON.
    pub(crate) fn read(path: &Path) -> io::Result<Report> {
        let text = std::fs::read_to_string(path)?;
        let mut report: Report = serde_json::from_str(&text).map_err(io::Error::other)?;
        report.fill_in();
        Ok(report)
    }
}
