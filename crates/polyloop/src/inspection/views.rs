use std::path::{Path, PathBuf};

use polyloop_core::Result;

use super::metrics::Metrics;
use super::snapshot::Snapshot;
use super::watchdog::Watchdog;
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
    /// Tells what the loop has done and holds.
    ///
    /// # Examples
    ///
    /// ```
    /// use polyloop::Runner;
    ///
    /// let runner = Runner::builder().metrics(true).build()?;
    /// runner.run(polyloop::yield_now())?;
    /// let metrics = runner.event_loop().metrics();
    /// assert!(metrics.callbacks > 0 && metrics.lag.is_some());
    /// println!("{metrics}");
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    pub fn metrics(&self) -> Metrics {
        Metrics::of(self.engine())
    }

    /// Takes times from now on ([`Metrics::lag`]); asking again changes nothing.
    pub fn start_metrics(&self) {
        self.engine().inspection.start_times();
    }

    /// Starts a thread that tells of what blocks the loop, until the loop is closed.
    ///
    /// # Errors
    ///
    /// *Invalid input* if the loop has one already; the operating system's if there can be no
    /// thread.
    pub fn start_watchdog(&self, watchdog: impl Into<Watchdog>) -> Result<()> {
        self.engine().start_watchdog(watchdog.into())
    }

    /// Lets other processes of the same user look in (`polyloop ps`), until the loop is closed; gives
    /// the socket's path.
    ///
    /// A path that is a directory gets a socket named after the process and the loop. Opening
    /// another closes the one before.
    ///
    /// # Errors
    ///
    /// The operating system's, and if the path is in use or in a directory in which others can
    /// replace files. *Unsupported* where there are no Unix sockets.
    pub fn open_inspector(&self, path: impl AsRef<Path>) -> Result<PathBuf> {
        self.engine().inspection.open(&self.engine().shared, path.as_ref())
    }
}
