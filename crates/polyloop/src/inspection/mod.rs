//! Looking at a loop: its tasks and what each waits for, what it counts, and what blocks it; from
//! inside, from other threads and from other processes.

mod call_graph;
mod counts;
mod histogram;
mod lag;
mod metrics;
mod pulse;
mod request;
mod snapshot;
mod state;
mod task_table;
mod task_tree;
mod views;
mod watchdog;

pub use call_graph::{CallGraph, capture_call_graph, format_call_graph, print_call_graph};
pub use lag::Lag;
pub use metrics::Metrics;
pub use pulse::Blockage;
pub(crate) use pulse::Pulse;
#[cfg_attr(not(unix), allow(unused_imports, reason = "nobody can ask"))]
pub(crate) use request::Request;
pub(crate) use state::Inspection;
pub use watchdog::Watchdog;
