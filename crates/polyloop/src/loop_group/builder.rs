use std::fmt;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use polyloop_core::{Error, ErrorKind, Result};

use super::ending::LoopEnd;
use super::group::{LoopGroup, LoopThread};
use super::member::{GroupId, Member, invalid};
use super::running::{self, OnStart, Plan};
use crate::outcome::{Outcome, Promise};
use crate::runner::{Runner, RunnerBuilder};
use crate::sys::cores;

/// Says what the loops of a [`LoopGroup`] are.
#[derive(Clone)]
#[must_use]
pub struct LoopGroupBuilder {
    loops: Option<usize>,
    name: String,
    pin_to_cpus: bool,
    each_loop: EachLoop,
    on_start: Option<OnStart>,
}

type EachLoop = Arc<dyn Fn(usize, RunnerBuilder) -> RunnerBuilder + Send + Sync>;

impl LoopGroupBuilder {
    pub(super) fn new() -> LoopGroupBuilder {
        LoopGroupBuilder {
            loops: None,
            name: "loop".to_owned(),
            pin_to_cpus: false,
            each_loop: Arc::new(|_, builder| builder),
            on_start: None,
        }
    }

    /// Sets how many loops there are; else as many as the process may use processors at once.
    pub fn loops(mut self, loops: usize) -> Self {
        self.loops = Some(loops);
        self
    }

    /// Sets what the threads are called: this, and the number of the loop behind a dash. Linux shows 15 bytes of
    /// it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Has each loop built as this says, by its number: its backend, metrics, a watchdog. What is said about Ctrl-C
    /// has no effect: it is not the loops' business, but that of who stops the group.
    ///
    /// # Examples
    ///
    /// ```
    /// use polyloop::{Backend, LoopGroup};
    ///
    /// let group = LoopGroup::builder()
    ///     .loops(2)
    ///     .each_loop(|index, builder| match index {
    ///         0 => builder.backend(Backend::Mio),
    ///         _ => builder.backend(Backend::Polling).metrics(true),
    ///     })
    ///     .build();
    /// # let _ = group;
    /// ```
    pub fn each_loop(
        mut self,
        each_loop: impl Fn(usize, RunnerBuilder) -> RunnerBuilder + Send + Sync + 'static,
    ) -> Self {
        self.each_loop = Arc::new(each_loop);
        self
    }

    /// Has a function called on each loop's thread, inside the loop, before anything else: to set an exception
    /// handler there, for example. If it panics the group cannot be built.
    pub fn on_start(mut self, on_start: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.on_start = Some(Arc::new(on_start));
        self
    }

    /// Sets whether each loop stays on one processor: the first on the first that the process may use, and so on,
    /// beginning anew where there are more loops. Off by default: it helps where nothing else runs on the
    /// machine, and harms where something does.
    ///
    /// # Platform notes
    ///
    /// On Linux and Android; elsewhere building is *unsupported*.
    pub fn pin_to_cpus(mut self, pin: bool) -> Self {
        self.pin_to_cpus = pin;
        self
    }

    /// Makes the loops, each on a thread of its own, and returns when all of them run.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is to be no loop; what the first loop that could not be made met, saying which; what
    /// starting a thread met. The loops that had been made are stopped.
    pub fn build(&self) -> Result<LoopGroup> {
        let loops = match self.loops {
            Some(0) => return Err(invalid("make a group of no loop")),
            Some(loops) => loops,
            None => thread::available_parallelism().map_or(1, usize::from),
        };
        let cpus = if self.pin_to_cpus { cores::allowed()? } else { Vec::new() };
        let id = GroupId::next();
        let mut threads = Vec::new();
        let mut members = Vec::new();
        // All are on their way before the first is waited for.
        let starting: Vec<_> = (0..loops)
            .map(|index| self.start(id, index, cpus.get(index % cpus.len().max(1)).copied()))
            .collect();
        let mut failure = None;
        for (index, started) in starting.into_iter().enumerate() {
            match started.and_then(|starting| starting.wait(&mut threads)) {
                Ok(member) => members.push(member),
                Err(error) => {
                    let what = format_args!("make loop {index} of a group of {loops}");
                    failure.get_or_insert(error.attempting(what));
                }
            }
        }
        let group = LoopGroup::new(id, members, threads);
        match failure {
            None => Ok(group),
            // Dropping the group stops the others.
            Some(error) => Err(error),
        }
    }

    fn start(&self, group: GroupId, index: usize, cpu: Option<usize>) -> Result<Starting> {
        let name = format!("{}-{index}", self.name);
        let builder = (self.each_loop)(index, Runner::builder()).handle_interrupt(false);
        let on_start = self.on_start.clone();
        let plan = Plan { group, index, name: name.clone(), cpu, builder, on_start };
        let stop = Arc::new(Outcome::default());
        let promise = Promise::new(stop.clone(), "the group was dropped");
        let (tell, told) = mpsc::channel();
        let spawned = thread::Builder::new()
            .name(name.clone())
            .spawn(move || running::run(plan, &tell, stop))
            .map_err(|error| Error::from(error).attempting(format_args!("start thread {name}")))?;
        Ok(Starting { told, thread: LoopThread { promise, join: spawned } })
    }
}

/// A loop that is being made.
struct Starting {
    told: mpsc::Receiver<Result<Arc<Member>>>,
    thread: LoopThread,
}

impl Starting {
    /// Waits until the loop runs; its thread then belongs to the group.
    fn wait(self, threads: &mut Vec<LoopThread>) -> Result<Arc<Member>> {
        match self.told.recv() {
            Ok(Ok(member)) => {
                threads.push(self.thread);
                Ok(member)
            }
            Ok(Err(error)) => {
                drop(ended(self.thread.join));
                Err(error)
            }
            Err(mpsc::RecvError) => {
                let failure = ended(self.thread.join).and_then(|end| end.failure);
                let kind = ErrorKind::Io(std::io::ErrorKind::Other);
                Err(Error::new(kind).attempting(failure.unwrap_or_default()))
            }
        }
    }
}

/// Waits for a thread, which catches its own panics.
pub(super) fn ended(thread: JoinHandle<LoopEnd>) -> Option<LoopEnd> {
    thread.join().ok()
}

impl fmt::Debug for LoopGroupBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = f.debug_struct("LoopGroupBuilder");
        builder.field("loops", &self.loops).field("name", &self.name);
        builder.field("pin_to_cpus", &self.pin_to_cpus).finish_non_exhaustive()
    }
}
