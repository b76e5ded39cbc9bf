use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use polyloop_core::Result;

use super::builder::{LoopGroupBuilder, ended};
use super::ending::{LoopEnd, LoopGroupError};
use super::group_server::GroupServer;
use super::group_server_builder::GroupServerBuilder;
use super::local::Local;
use super::member::{GroupId, Member, invalid};
use crate::backend::BackendInfo;
use crate::inspection::Metrics;
use crate::loop_handle::{LoopHandle, ThreadsafeTask};
use crate::loop_object::Loop;
use crate::net::{TcpStream, ToAddress};
use crate::outcome::Promise;
use crate::server::ConnectionOutcome;

/// Loops on threads of their own, one for each processor, say: how a program uses more than one.
///
/// Each loop is what a [`Runner`](crate::Runner)'s is: tasks, sockets and timers belong to one of them and stay
/// there, so nothing needs locks. What goes between them are closures ([`spawn_on`](Self::spawn_on)) and
/// connections ([`serve`](Self::serve)). `docs/scaling.md` says how far that goes.
///
/// All methods take `&self` from any thread; in an [`Arc`] the group can be reached from its own loops as well.
///
/// Dropping it stops it with no time to spare: nothing is accepted any more, tasks and connections are aborted, and the
/// drop waits for the threads, as long as what they run holds them. On one of the group's own threads it
/// does not wait: they end by themselves. [`stop`](Self::stop) is the graceful way, and tells how it went.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use polyloop::{LoopGroup, TcpStream};
///
/// let group = LoopGroup::builder().loops(2).build()?;
/// let server = group.serve("127.0.0.1:0", |_index| {
///     |mut stream: TcpStream| async move {
///         while let Some(chunk) = stream.read_chunk().await? {
///             stream.write_all(&chunk).await?;
///         }
///         Ok::<(), polyloop::Error>(())
///     }
/// })?;
/// let address = server.local_addr();
/// let echoed = group.spawn_on(1, move || async move {
///     let mut stream = TcpStream::connect(address).await?;
///     stream.write_all(b"hello").await?;
///     let mut echoed = [0; 5];
///     stream.read_exact(&mut echoed).await?;
///     Ok::<_, polyloop::Error>(echoed)
/// })?;
/// assert_eq!(&echoed.wait()??, b"hello");
/// group.stop(Duration::from_secs(5))?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub struct LoopGroup {
    id: GroupId,
    members: Vec<Arc<Member>>,
    next: AtomicUsize,
    /// Empty once the group was stopped.
    threads: Mutex<Vec<LoopThread>>,
}

/// The thread of a loop, and how it is told to end.
pub(super) struct LoopThread {
    pub(super) promise: Promise<Duration>,
    pub(super) join: JoinHandle<LoopEnd>,
}

impl LoopGroup {
    /// Begins to say what the loops are.
    pub fn builder() -> LoopGroupBuilder {
        LoopGroupBuilder::new()
    }

    pub(super) fn new(
        id: GroupId,
        members: Vec<Arc<Member>>,
        threads: Vec<LoopThread>,
    ) -> LoopGroup {
        LoopGroup { id, members, next: AtomicUsize::new(0), threads: Mutex::new(threads) }
    }

    /// Tells how many loops there are.
    #[expect(clippy::len_without_is_empty, reason = "a group has a loop")]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Runs, as a task of one of the loops, the future that a function makes there. What it gives can be awaited
    /// on any loop, or waited for on a thread that is no loop's.
    ///
    /// Futures of a loop are not `Send`, so it is the function that travels. A panic in it is the task's result;
    /// if nobody asks for that, it goes to the loop's exception handler.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is no loop of that number; *loop closed* if it has ended.
    #[track_caller]
    pub fn spawn_on<F>(
        &self,
        index: usize,
        make: impl FnOnce() -> F + Send + 'static,
    ) -> Result<ThreadsafeTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let member = self.member(index, "hand a task to")?;
        member.run("hand a task to", move || {
            let busy = Local::expect().task();
            async move {
                let output = make().await;
                drop(busy);
                output
            }
        })
    }

    /// Does what [`spawn_on`](Self::spawn_on) does on the next loop in turn.
    ///
    /// # Errors
    ///
    /// *Loop closed* if that loop has ended.
    #[track_caller]
    pub fn spawn<F>(
        &self,
        make: impl FnOnce() -> F + Send + 'static,
    ) -> Result<ThreadsafeTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.spawn_on(next % self.len(), make)
    }

    /// Listens at an address and serves each connection on one of the loops, which the system chooses where it
    /// can ([`Spread::Auto`](crate::Spread::Auto)). [`server`](Self::server) has options.
    ///
    /// `make` is called once on each loop's thread, with the loop's number, and gives what handles the
    /// connections there; so that may hold what is not `Send`: an `Rc`, a pool of its own. What a handler fails with, or panics
    /// with, goes to its loop's exception handler and ends only its connection.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *address in use*, saying where; *loop closed* if a loop has ended.
    ///
    /// # Panics
    ///
    /// On a thread of one of the group's own loops, which it would keep from answering; there
    /// [`to_thread`](crate::to_thread) serves.
    pub fn serve<M, H, F>(&self, address: impl ToAddress, make: M) -> Result<GroupServer>
    where
        M: Fn(usize) -> H + Send + Sync + 'static,
        H: Fn(TcpStream) -> F + 'static,
        F: Future<Output: ConnectionOutcome> + 'static,
    {
        self.server().start(address, make)
    }

    /// Begins to make a server with options.
    pub fn server(&self) -> GroupServerBuilder<'_> {
        GroupServerBuilder::new(self)
    }

    /// Gives the way into a loop for what [`spawn_on`](Self::spawn_on) does not do. What comes in by it is not waited for
    /// when the group is stopped.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is no loop of that number.
    pub fn handle(&self, index: usize) -> Result<LoopHandle> {
        Ok(self.member(index, "give the handle of")?.handle.clone())
    }

    /// Tells which backend a loop runs on, why, and what it can do.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is no loop of that number.
    pub fn backend_info(&self, index: usize) -> Result<&BackendInfo> {
        Ok(&self.member(index, "tell the backend of")?.info)
    }

    /// Asks a loop for its metrics, which it gives when it comes to it; with the feature `metrics` and
    /// [`RunnerBuilder::metrics`](crate::RunnerBuilder::metrics) they have its lag.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is no loop of that number; *loop closed* if it has ended.
    pub fn metrics(&self, index: usize) -> Result<ThreadsafeTask<Metrics>> {
        let what = "ask for the metrics of";
        self.member(index, what)?
            .run(what, || async { Loop::current().expect("a task runs in a loop").metrics() })
    }

    /// Counts the connections of each loop that have not ended, those of all of the group's servers.
    pub fn connections(&self) -> Vec<usize> {
        self.members.iter().map(|it| it.connections.load(Ordering::Relaxed)).collect()
    }

    /// Counts the connections that each loop was given since it was made.
    pub fn accepted(&self) -> Vec<u64> {
        self.members.iter().map(|it| it.accepted.load(Ordering::Relaxed)).collect()
    }

    /// Stops gracefully: no connection is accepted any more; connections, and tasks of
    /// [`spawn_on`](Self::spawn_on), may go on until `grace` has passed; then the loops are closed, with whatever is
    /// left, and their threads have ended. Other tasks are not waited for.
    ///
    /// Who waits for an aborted task learns that it was cancelled. Stopping again does nothing.
    ///
    /// A task that never returns to its loop keeps it from stopping, and this call from returning.
    ///
    /// # Errors
    ///
    /// Says of each loop how many tasks and connections had to be aborted, and of each that failed before how it did.
    ///
    /// # Panics
    ///
    /// On a thread of one of the group's own loops, for which it would wait for ever; there
    /// [`to_thread`](crate::to_thread) serves.
    pub fn stop(&self, grace: Duration) -> Result<(), LoopGroupError> {
        self.assert_elsewhere("stopped");
        let threads = self.take_threads();
        // First nobody accepts, so that nobody hands a connection to a loop that has ended already. A
        // loop that cannot be asked has ended.
        let stopping = if threads.is_empty() { &[] } else { &self.members[..] };
        let asked: Vec<_> =
            stopping.iter().map(|member| member.run("stop", stop_accepting)).collect();
        for asked in asked.into_iter().flatten() {
            drop(asked.wait());
        }
        let tell = |LoopThread { promise, join }: LoopThread| {
            drop(promise.keep(Ok(grace)));
            join
        };
        let threads: Vec<_> = threads.into_iter().map(tell).collect();
        LoopGroupError::of(threads.into_iter().filter_map(ended).collect())
    }

    pub(super) fn members(&self) -> &[Arc<Member>] {
        &self.members
    }

    #[track_caller]
    pub(super) fn assert_elsewhere(&self, what: &str) {
        assert!(
            !Local::is_of(self.id),
            "a group of loops cannot be {what} on a thread of one of its own loops: hand that to a thread (to_thread)"
        );
    }

    fn member(&self, index: usize, what: &str) -> Result<&Arc<Member>> {
        let count = self.len();
        let missing = || invalid(format_args!("{what} loop {index} of a group of {count}"));
        self.members.get(index).ok_or_else(missing)
    }

    fn take_threads(&self) -> Vec<LoopThread> {
        std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn stop_accepting() {
    Local::expect().stop_accepting(None).await;
}

impl Drop for LoopGroup {
    fn drop(&mut self) {
        let joins = self.take_threads().into_iter().map(|LoopThread { promise, join }| {
            drop(promise);
            join
        });
        let joins: Vec<_> = joins.collect();
        if Local::is_of(self.id) {
            return;
        }
        // Who wants to know how it ended stops it.
        joins.into_iter().filter_map(ended).for_each(drop);
    }
}

impl fmt::Debug for LoopGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.members.iter().map(|member| member.name.as_str()).collect();
        f.debug_struct("LoopGroup").field("loops", &names).finish()
    }
}
