use std::fmt;

use super::snapshot::Snapshot;
use crate::engine;
use crate::task::{TaskInfo, WaitsFor};

/// How far a chain is followed.
const DEPTH_MAX: usize = 200;

/// Who waits for a task, and who waits for those: asyncio's call graph.
///
/// Rust keeps no call stack of a future that waits, so what asyncio shows as stack frames is here
/// what the task waits for. A task that is in the graph twice, as in a cycle, is followed the first
/// time; then it has nobody above it and [`is_repeated`](CallGraph::is_repeated) is set. Chains
/// are followed for 200 tasks.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct CallGraph {
    /// The task.
    pub task: TaskInfo,
    /// What it waits for; nothing if it runs or is ready.
    pub waits_for: Option<WaitsFor>,
    /// Those that wait for it, in the order in which they were made.
    pub awaited_by: Vec<CallGraph>,
    /// Whether the task is elsewhere in the same graph, and was not followed again.
    pub is_repeated: bool,
}

/// Captures who waits for a task: for the current one, if none is given.
///
/// Nothing if there is no current task, or the task has ended or belongs to a loop of another
/// thread.
///
/// # Examples
///
/// ```
/// use polyloop::{capture_call_graph, create_named_task};
///
/// polyloop::run(async {
///     let inner = create_named_task("inner", async {
///         // Who is to wait for this task has to be polled first.
///         polyloop::yield_now().await;
///         let graph = capture_call_graph(None).unwrap();
///         graph.awaited_by[0].task.name()
///     });
///     let outer = create_named_task("outer", async { inner.await.unwrap() });
///     assert_eq!(outer.await.unwrap(), "outer");
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn capture_call_graph<'a>(task: impl Into<Option<&'a TaskInfo>>) -> Option<CallGraph> {
    let task = task.into().cloned().or_else(crate::current_task)?;
    let engine = engine::find(task.as_any().home())?;
    let snapshot = Snapshot::of(&engine);
    let position = snapshot.position(&task)?;
    let captor = Captor { awaited_by: snapshot.awaited_by(), snapshot };
    Some(captor.capture(position, 0, &mut vec![false; captor.snapshot.nodes.len()]))
}

/// Writes a call graph as text; the empty text where [`capture_call_graph`] gives nothing.
pub fn format_call_graph<'a>(task: impl Into<Option<&'a TaskInfo>>) -> String {
    capture_call_graph(task).map_or(String::new(), |graph| graph.to_string())
}

/// Prints a call graph to standard output.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     polyloop::print_call_graph(None);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn print_call_graph<'a>(task: impl Into<Option<&'a TaskInfo>>) {
    print!("{}", format_call_graph(task));
}

struct Captor {
    snapshot: Snapshot,
    awaited_by: Vec<Vec<usize>>,
}

impl Captor {
    fn capture(&self, position: usize, depth: usize, seen: &mut [bool]) -> CallGraph {
        let task = self.snapshot.nodes[position].task.clone();
        let is_repeated = std::mem::replace(&mut seen[position], true);
        let is_end = is_repeated || depth == DEPTH_MAX;
        let above: &[usize] = if is_end { &[] } else { &self.awaited_by[position] };
        let awaited_by =
            above.iter().map(|awaiter| self.capture(*awaiter, depth + 1, seen)).collect();
        CallGraph { waits_for: task.waits_for(), task, awaited_by, is_repeated }
    }
}

impl CallGraph {
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let name = super::snapshot::printable(&self.task.name());
        let lead = if depth == 0 { "* " } else { "+ awaited by " };
        write!(f, "{:indent$}{lead}{name}", "", indent = depth * 4)?;
        if self.is_repeated {
            return writeln!(f, " (again)");
        }
        writeln!(f, " (made at {})", self.task.created_at())?;
        if let Some(waits_for) = &self.waits_for {
            writeln!(f, "{:indent$}  waits for {waits_for}", "", indent = depth * 4)?;
        }
        self.awaited_by.iter().try_for_each(|awaiter| awaiter.write(f, depth + 1))
    }
}

impl fmt::Display for CallGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}
