//! What was measured, and the pages that show it.

mod chart;
mod html;
mod markdown;
mod metric;
mod model;
mod number;
mod ratio;
mod table;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

pub(crate) use metric::Metric;
pub(crate) use model::{CellReport, Figure, Machine, PeerReport, Report, Row, Told};
pub(crate) use table::print;

/// The names of the files, without what stands after the dot.
const STEM: &str = "comparison";

impl Report {
    /// Writes the report as Markdown, as JSON and as a page.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let json = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        let file = |ending: &str| folder.join(format!("{STEM}.{ending}"));
        std::fs::write(file("json"), json + "\n")?;
        std::fs::write(file("md"), markdown::page(self))?;
        std::fs::write(file("html"), html::page(self))
    }

    /// Reads what `write` has written as JSON.
    pub(crate) fn read(path: &Path) -> io::Result<Report> {
        serde_json::from_str(&std::fs::read_to_string(path)?).map_err(io::Error::other)
    }
}
