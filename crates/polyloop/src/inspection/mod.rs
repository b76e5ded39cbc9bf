//! Looking at a loop: its tasks and what each waits for, from inside and from outside.

mod call_graph;
mod snapshot;
mod task_table;
mod task_tree;
mod views;

pub use call_graph::{CallGraph, capture_call_graph, format_call_graph, print_call_graph};
