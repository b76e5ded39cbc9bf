use std::rc::Rc;
use std::time::Duration;

use polyloop::{Backend, Runner};
use tokio::runtime::Builder;

/// A runtime for futures of one thread that are not `Send`, as far as benchmarks need one.
///
/// What is measured is written once against this, so that every peer does the same; calls are
/// static, and nothing is boxed here that the peer does not box.
pub trait Peer: Clone + 'static {
    /// Waits for a while.
    type Sleep: Future + 'static;

    /// Gives the name in reports.
    fn name(&self) -> &'static str;

    /// Runs a future on this thread, and what it spawns meanwhile.
    fn block_on<F: Future + 'static>(&self, future: F) -> F::Output;

    /// Makes a task; only inside `block_on`.
    fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Makes a task and drops its handle; only inside `block_on`.
    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static);

    /// Makes a sleep.
    fn sleep(&self, duration: Duration) -> Self::Sleep;

    /// Lets the other tasks run first.
    fn yield_now(&self) -> impl Future<Output = ()>;
}

/// polyloop on one backend.
#[derive(Clone, Debug)]
pub struct Polyloop {
    name: &'static str,
    runner: Rc<Runner>,
}

impl Polyloop {
    /// Makes the loop; nothing, with the reason printed, if the backend cannot run here.
    pub fn new(name: &'static str, backend: Backend) -> Option<Polyloop> {
        match Runner::builder().backend(backend).build() {
            Ok(runner) => Some(Polyloop { name, runner: Rc::new(runner) }),
            Err(error) => {
                eprintln!("skipped: {error}");
                None
            }
        }
    }
}

impl Peer for Polyloop {
    type Sleep = polyloop::Sleep;

    fn name(&self) -> &'static str {
        self.name
    }

    fn block_on<F: Future + 'static>(&self, future: F) -> F::Output {
        self.runner.run(future).expect("the loop runs")
    }

    fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let task = polyloop::create_task(future);
        async move { task.await.expect("tasks are neither cancelled nor panic") }
    }

    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) {
        polyloop::create_task(future).detach();
    }

    fn sleep(&self, duration: Duration) -> polyloop::Sleep {
        polyloop::sleep(duration)
    }

    fn yield_now(&self) -> impl Future<Output = ()> {
        polyloop::yield_now()
    }
}

/// tokio's current-thread runtime with a `LocalSet`.
#[derive(Clone, Debug)]
pub struct Tokio {
    runtime: Rc<tokio::runtime::Runtime>,
    local: Rc<tokio::task::LocalSet>,
}

impl Tokio {
    /// Makes the runtime, without I/O: it looks for no events, and waits for a condition.
    pub fn new() -> Tokio {
        Tokio::build(Builder::new_current_thread().enable_time())
    }

    /// Makes a runtime that can do I/O, as the other peers can.
    pub fn with_io() -> Tokio {
        Tokio::build(Builder::new_current_thread().enable_all())
    }

    fn build(builder: &mut Builder) -> Tokio {
        let runtime = Rc::new(builder.build().expect("tokio runs here"));
        Tokio { runtime, local: Rc::default() }
    }
}

impl Default for Tokio {
    fn default() -> Self {
        Tokio::new()
    }
}

impl Peer for Tokio {
    type Sleep = tokio::time::Sleep;

    fn name(&self) -> &'static str {
        "tokio"
    }

    fn block_on<F: Future + 'static>(&self, future: F) -> F::Output {
        self.local.block_on(&self.runtime, future)
    }

    fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let task = tokio::task::spawn_local(future);
        async move { task.await.expect("tasks are neither cancelled nor panic") }
    }

    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) {
        drop(tokio::task::spawn_local(future));
    }

    fn sleep(&self, duration: Duration) -> tokio::time::Sleep {
        tokio::time::sleep(duration)
    }

    fn yield_now(&self) -> impl Future<Output = ()> {
        tokio::task::yield_now()
    }
}

/// smol's `LocalExecutor`.
#[derive(Clone, Debug, Default)]
pub struct Smol {
    executor: Rc<smol::LocalExecutor<'static>>,
}

impl Peer for Smol {
    type Sleep = smol::Timer;

    fn name(&self) -> &'static str {
        "smol"
    }

    fn block_on<F: Future + 'static>(&self, future: F) -> F::Output {
        smol::block_on(self.executor.run(future))
    }

    fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.executor.spawn(future)
    }

    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) {
        self.executor.spawn(future).detach();
    }

    fn sleep(&self, duration: Duration) -> smol::Timer {
        smol::Timer::after(duration)
    }

    fn yield_now(&self) -> impl Future<Output = ()> {
        smol::future::yield_now()
    }
}
