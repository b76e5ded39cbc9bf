//! `ps`: one line a task.

use super::snapshot::Snapshot;
use crate::task::TaskState;

const HEADS: [&str; 4] = ["TASK", "STATE", "WAITS FOR", "MADE AT"];

pub(super) fn render(snapshot: &Snapshot) -> String {
    let mut rows = vec![HEADS.map(str::to_owned)];
    for (position, node) in snapshot.nodes.iter().enumerate() {
        let (state, waits_for) = match node.state {
            TaskState::Running => ("running", String::new()),
            TaskState::Ready => ("ready", String::new()),
            _ => ("waiting", snapshot.waits_for(node)),
        };
        let place = snapshot.place(position);
        rows.push([snapshot.name(position), state.to_owned(), waits_for, place]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let [name, state, waits] = [0, 1, 2].map(|column| width(column).unwrap_or_default());
    let mut text = format!("{}\n", snapshot.title);
    for [a, b, c, d] in &rows {
        text.push_str(&format!("{a:name$}  {b:state$}  {c:waits$}  {d}\n"));
    }
    text
}
