use std::collections::HashMap;
use std::time::Duration;

use polyloop_core::Time;

use crate::engine::Engine;
use crate::task::{self, AnyTask, Awaited, BundleId, TaskInfo, TaskKey, TaskState, WaitsFor};

/// Every task of a loop at one moment, and who waits for whom.
///
/// `awaits` of a node are positions in `nodes`, which are in the order in which the tasks were
/// made.
pub(super) struct Snapshot {
    pub(super) nodes: Vec<Node>,
    pub(super) now: Time,
    pub(super) title: String,
}

pub(super) struct Node {
    pub(super) task: TaskInfo,
    pub(super) state: TaskState,
    pub(super) awaited: Awaited,
    pub(super) awaits: Vec<usize>,
}

impl Snapshot {
    pub(super) fn of(engine: &Engine) -> Snapshot {
        let posted = engine.posted_tasks();
        let current = engine.tasks.current();
        let tasks = task::all(engine);
        let links = Links::of(&tasks);
        let node = |task: TaskInfo| {
            let (key, awaited) = (task.as_any().key(), task.as_any().awaited());
            let state = match key {
                _ if current.as_ref().is_some_and(|current| current.is(task.as_any())) => {
                    TaskState::Running
                }
                _ if task.as_any().is_queued() || posted.contains(&key) => TaskState::Ready,
                _ => TaskState::Waiting,
            };
            let waits = state == TaskState::Waiting;
            let awaits = if waits { links.find(engine, awaited) } else { Vec::new() };
            Node { task, state, awaited, awaits }
        };
        let nodes: Vec<Node> = tasks.into_iter().map(node).collect();
        let s = if nodes.len() == 1 { "" } else { "s" };
        let title = format!(
            "loop {} on {}: {} task{s}",
            engine.id.number(),
            engine.info.name(),
            nodes.len()
        );
        Snapshot { nodes, now: engine.now(), title }
    }

    pub(super) fn position(&self, task: &TaskInfo) -> Option<usize> {
        self.nodes.iter().position(|node| node.task == *task)
    }

    /// Gives, for each task, the tasks that wait for it.
    pub(super) fn awaited_by(&self) -> Vec<Vec<usize>> {
        let mut awaited_by = vec![Vec::new(); self.nodes.len()];
        for (awaiter, node) in self.nodes.iter().enumerate() {
            node.awaits.iter().for_each(|awaited| awaited_by[*awaited].push(awaiter));
        }
        awaited_by
    }

    pub(super) fn name(&self, position: usize) -> String {
        printable(&self.nodes[position].task.name())
    }

    pub(super) fn place(&self, position: usize) -> String {
        self.nodes[position].task.created_at().to_string()
    }

    /// Says what a task does, or what it waits for.
    pub(super) fn doing(&self, position: usize) -> String {
        let node = &self.nodes[position];
        match node.state {
            TaskState::Running => "running".to_owned(),
            TaskState::Ready => "ready".to_owned(),
            _ => format!("waits for {}", self.waits_for(node)),
        }
    }

    pub(super) fn waits_for(&self, node: &Node) -> String {
        match node.awaited {
            Awaited::Timer(deadline) => {
                format!("a timer, due in {:?}", rounded(deadline.since(self.now)))
            }
            Awaited::Task(..) if !node.awaits.is_empty() => {
                format!("task {}", self.name(node.awaits[0]))
            }
            Awaited::Bundle(_) => format!("{} task(s)", node.awaits.len()),
            awaited => WaitsFor::no_task(awaited).to_string(),
        }
    }
}

/// The tasks by what names them in a note.
struct Links {
    by_key: HashMap<TaskKey, usize>,
    by_bundle: HashMap<BundleId, Vec<usize>>,
}

impl Links {
    fn of(tasks: &[TaskInfo]) -> Links {
        let mut links = Links { by_key: HashMap::new(), by_bundle: HashMap::new() };
        for (position, task) in tasks.iter().enumerate() {
            links.by_key.insert(task.as_any().key(), position);
            for bundle in task.as_any().bundles() {
                links.by_bundle.entry(bundle).or_default().push(position);
            }
        }
        links
    }

    fn find(&self, engine: &Engine, awaited: Awaited) -> Vec<usize> {
        match awaited {
            Awaited::Task(home, key) if home == engine.id => {
                self.by_key.get(&key).copied().into_iter().collect()
            }
            Awaited::Bundle(bundle) => self.by_bundle.get(&bundle).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// Gives a duration with no more digits than a reader wants.
fn rounded(duration: Duration) -> Duration {
    Duration::from_micros(duration.as_micros().try_into().unwrap_or(u64::MAX))
}

/// Gives a name that stays on its line and cannot command a terminal.
pub(super) fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
