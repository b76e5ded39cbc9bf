//! What polyloop is to reach, row by row, and whether a report says that it does.
//!
//! Every row is judged by figures of one run only: the bare loop's, the peers' and polyloop's.

mod aim;
mod list;
mod others;
mod row;
#[cfg(test)]
mod tests;

use super::Report;
use row::Row;

pub(crate) use list::need;

/// The backends of polyloop that are judged, and the words for them.
const OURS: [(&str, &str); 2] = [("polyloop-mio", "mio"), ("polyloop-io-uring", "io_uring")];

/// What is said of what no cell of the run is about.
pub(crate) const NOT_IN_RUN: &str = "not measured in this run";

/// The head of the table.
pub(crate) const HEAD: [&str; 6] =
    ["what", "aim", "bare", "best peer", "polyloop on mio", "polyloop on io_uring"];

/// Gives the rows of the table, as texts under [`HEAD`].
pub(crate) fn rows(report: &Report) -> Vec<[String; 6]> {
    let judged = list::TARGETS.iter().map(|target| Row::of(report, target).texts());
    let mut rows: Vec<_> = judged.collect();
    rows.splice(list::OTHERS_AT..list::OTHERS_AT, others::rows(report));
    rows
}

/// Says what a reader of the table has to know.
pub(crate) fn notes(report: &Report) -> Vec<String> {
    let mut notes = vec![
        "*Best peer* is the best runtime in Rust; a bare loop is the one in C of the same kind (epoll for mio), and \
         `async-task` for tasks. Where an aim names a figure of an earlier machine, what counts is the same part of what the \
         named one took in this run."
            .to_owned(),
    ];
    if let Some(user) = row::short_user_time(report) {
        notes.push(user);
    }
    notes
}

/// Gives the table in Markdown, with its notes.
pub(crate) fn markdown(report: &Report) -> String {
    let mut text = format!("| {} |\n|{}\n", HEAD.join(" | "), "---|".repeat(HEAD.len()));
    for row in rows(report) {
        text += &format!("| {} |\n", row.join(" | "));
    }
    for note in notes(report) {
        text += &format!("\n{note}\n");
    }
    text
}
