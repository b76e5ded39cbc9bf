use super::snapshot::Snapshot;
use super::{task_table, task_tree};
use crate::loop_object::Loop;

/// Looking at the loop.
impl Loop {
    /// Writes every task on a line: its name, its state, what it waits for, where it was made.
    ///
    /// `polyloop ps` shows this of another process.
    ///
    /// # Examples
    ///
    /// ```
    /// polyloop::run(async {
    ///     let worker = polyloop::create_named_task("worker", std::future::pending::<()>());
    ///     polyloop::yield_now().await;
    ///     let text = polyloop::Loop::current()?.format_tasks();
    ///     assert!(text.contains("worker  waiting  something else"), "{text}");
    ///     drop(worker);
    ///     Ok::<(), polyloop::Error>(())
    /// })??;
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    pub fn format_tasks(&self) -> String {
        task_table::render(&Snapshot::of(self.engine()))
    }

    /// Draws the tasks as trees: each above those that it waits for, with those at the top that
    /// nobody waits for. Tasks that wait for each other in a ring are drawn once round.
    ///
    /// `polyloop pstree` shows this of another process.
    pub fn format_task_tree(&self) -> String {
        task_tree::render(&Snapshot::of(self.engine()))
    }
}
