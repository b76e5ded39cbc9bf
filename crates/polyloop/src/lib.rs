//! A pluggable event loop with asyncio's model.
//!
//! A program is written once, against this crate: [`run`], [`create_task`], [`sleep`],
//! [`gather`](fn@gather), [`TcpStream`]. Which loop runs underneath is chosen by a feature, in the
//! program, or by the environment variable `POLYLOOP_BACKEND` ([`Backend`]): io_uring, epoll or
//! kqueue, portable polling, or a loop of one's own. The answers are the same on all of them.
//!
//! ```
//! use std::time::Duration;
//!
//! polyloop::run(async {
//!     let slow = async {
//!         polyloop::sleep(Duration::from_millis(20)).await;
//!         "slow"
//!     };
//!     let quick = async { "quick" };
//!     assert_eq!(polyloop::gather!(slow, quick).await.unwrap(), ("slow", "quick"));
//! })?;
//! # Ok::<(), polyloop::Error>(())
//! ```
//!
//! # Features
//!
//! `mio`, `io-uring` and `polling` are the backends, `custom` admits a loop of one's own; all are
//! on by default and only add. With exactly one backend and without `custom`, dispatch is
//! static. With none the crate still compiles, and choosing a backend is an error that says so.
//!
//! `metrics` adds a histogram of the loop's lag to [`Loop::metrics`], `tracing` a span for each task;
//! both are off by default. What a task waits for ([`TaskInfo::waits_for`]), call graphs
//! ([`print_call_graph`]), the [`Watchdog`] and looking in from other processes
//! ([`Builder::inspect`]) need no feature.

mod backend;
mod callback;
mod engine;
mod exception;
mod functions;
mod gather;
mod group;
mod guest;
mod inspection;
mod loop_handle;
mod loop_object;
mod net;
mod op_future;
mod runner;
mod scope;
mod sys;
mod task;
mod time;
mod waiting;

pub use backend::{Backend, BackendInfo, Refusal};
pub use callback::{Callback, Handle, TimerHandle};
#[cfg(feature = "__mutants")]
#[doc(hidden)]
pub use engine::{Mutant, set_mutant};
pub use exception::ExceptionContext;
pub use functions::{
    all_tasks, backend_info, call_at, call_later, call_soon, create_eager_task, create_named_task,
    create_task, current_task, time,
};
pub use gather::{
    Gather, GatherResults, GatherTuple, Gatherable, TryGather, gather, gather_results,
    gather_tasks, try_gather,
};
pub use group::{ExceptionGroup, GroupClosed, TaskGroup};
pub use guest::Guest;
pub use inspection::{
    Blockage, CallGraph, Lag, Metrics, Watchdog, capture_call_graph, format_call_graph,
    print_call_graph,
};
pub use loop_handle::{LoopHandle, ThreadsafeTask};
pub use loop_object::Loop;
pub use net::{
    IntoStd, OwnedReadHalf, OwnedWriteHalf, ReadHalf, TcpListener, TcpStream, ToAddress, WriteHalf,
};
pub use polyloop_core::{
    Census, Chunk, Error, ErrorKind, Key, ListenSpec, LoopConfig, OpKind, OptionName, Result,
    SocketOption, Time,
};
pub use runner::{Builder, Runner, run};
pub use scope::{Scope, ScopedTask, scope};
pub use task::{
    Outcome, Task, TaskCallbackId, TaskError, TaskInfo, TaskReport, TaskStart, TaskState, WaitsFor,
};
pub use time::{
    Sleep, TimedOut, Timeout, TimeoutHandle, sleep, sleep_until, timeout, timeout_at,
    timeout_scope, timeout_scope_at, wait_for, yield_now,
};
pub use waiting::{
    AsCompleted, AsCompletedBy, Joinable, NextCompleted, ReturnWhen, Shield, TryJoinable, Wait,
    Waited, as_completed, as_completed_tasks, shield, try_wait, wait,
};
