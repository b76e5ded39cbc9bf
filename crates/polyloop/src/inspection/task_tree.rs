//! `pstree`: each task above those that it waits for.

use super::snapshot::Snapshot;

/// How deep a tree is drawn: chains beyond it are cut off with a mark.
const DEPTH_MAX: usize = 100;

pub(super) fn render(snapshot: &Snapshot) -> String {
    let awaited_by = snapshot.awaited_by();
    let roots = (0..snapshot.nodes.len()).filter(|task| awaited_by[*task].is_empty());
    let mut tree = Tree {
        snapshot,
        text: format!("{}\n", snapshot.title),
        drawn: vec![false; snapshot.nodes.len()],
        above: Vec::new(),
    };
    roots.for_each(|root| tree.draw(root, "", ""));
    // Tasks that wait for each other in a ring have no root: begin anywhere.
    for task in 0..snapshot.nodes.len() {
        if !tree.drawn[task] && is_on_cycle(snapshot, task) {
            tree.text.push_str("cycle:\n");
            tree.draw(task, "", "");
        }
    }
    tree.text
}

/// A tree that is being drawn: `above` are the tasks from the root to the one that is drawn now.
struct Tree<'a> {
    snapshot: &'a Snapshot,
    text: String,
    drawn: Vec<bool>,
    above: Vec<usize>,
}

impl Tree<'_> {
    /// Draws a task behind `lead`, and what it waits for behind `indent`.
    fn draw(&mut self, task: usize, lead: &str, indent: &str) {
        let name = self.snapshot.name(task);
        if self.above.contains(&task) {
            return self.line(lead, &format!("{name} (again: these tasks wait for each other)"));
        }
        if self.drawn[task] {
            return self.line(lead, &format!("{name} (shown above)"));
        }
        self.drawn[task] = true;
        let (doing, place) = (self.snapshot.doing(task), self.snapshot.place(task));
        self.line(lead, &format!("{name}: {doing} (made at {place})"));
        let awaits = &self.snapshot.nodes[task].awaits;
        if self.above.len() >= DEPTH_MAX && !awaits.is_empty() {
            return self.line(&format!("{indent}└── "), "and more, deeper");
        }
        self.above.push(task);
        for (index, awaited) in awaits.iter().enumerate() {
            let is_last = index + 1 == awaits.len();
            let (branch, below) =
                if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
            self.draw(*awaited, &format!("{indent}{branch}"), &format!("{indent}{below}"));
        }
        self.above.pop();
    }

    fn line(&mut self, lead: &str, text: &str) {
        self.text.push_str(&format!("{lead}{text}\n"));
    }
}

/// Tells whether a task waits for itself, by whatever way round.
fn is_on_cycle(snapshot: &Snapshot, task: usize) -> bool {
    let mut seen = vec![false; snapshot.nodes.len()];
    let mut next = snapshot.nodes[task].awaits.clone();
    while let Some(other) = next.pop() {
        if other == task {
            return true;
        }
        if !std::mem::replace(&mut seen[other], true) {
            next.extend(&snapshot.nodes[other].awaits);
        }
    }
    false
}
