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
//! `macros` (default) is [`#[polyloop::main]`](macro@main) and [`#[polyloop::test]`](macro@test),
//! which bring no other crates.
//!
//! `tls` (off by default) adds `polyloop::tls`, clients and servers over any stream of bytes by rustls;
//! `tls-native-roots` lets clients trust what the system trusts.
//!
//! `metrics` adds a histogram of the loop's lag to [`Loop::metrics`], `tracing` a span for each task;
//! `process-fds` passes further descriptors to child processes; all are off by default. What a task waits for ([`TaskInfo::waits_for`]), call graphs
//! ([`print_call_graph`]), the [`Watchdog`] and looking in from other processes
//! ([`RunnerBuilder::inspect`]) need no feature.

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __macros;
#[cfg(feature = "macros")]
mod attributes;
mod backend;
mod between_threads;
mod callback;
mod context;
mod engine;
mod exception;
mod executor;
mod foreign;
pub mod fs;
mod functions;
mod gather;
mod group;
mod guest;
mod inspection;
pub mod io;
mod loop_control;
mod loop_debug;
mod loop_future;
mod loop_group;
mod loop_handle;
mod loop_object;
mod names;
mod net;
mod op_future;
mod outcome;
#[cfg(all(doctest, feature = "macros"))]
mod pages;
#[cfg(unix)]
pub mod process;
mod queue;
mod runner;
mod scope;
mod server;
#[cfg(unix)]
pub mod signal;
mod streams;
pub mod sync;
mod sys;
mod task;
mod time;
#[cfg(feature = "tls")]
pub mod tls;
mod transport;
mod wait_hook;
mod waiting;
mod wakers;
mod wire;

#[cfg(feature = "macros")]
pub use attributes::{main, test};
pub use backend::{Backend, BackendInfo, Refusal};
pub use callback::{Callback, Handle, TimerHandle};
pub use context::{Context, ContextToken, ContextVar, copy_context};
#[cfg(feature = "__mutants")]
#[doc(hidden)]
pub use engine::{Mutant, set_mutant};
pub use exception::{ExceptionContext, ExceptionHandler};
pub use executor::{Executor, ThreadTask, to_thread};
pub use functions::{
    all_tasks, backend_info, call_at, call_later, call_soon, create_eager_task, create_future,
    create_named_task, create_task, create_task_in, current_task, new_event_loop, time,
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
pub use loop_future::{FutureCallbackId, FutureError, InvalidStateError, LoopFuture};
pub use loop_group::{
    GroupServer, GroupServerBuilder, LoopEnd, LoopGroup, LoopGroupBuilder, LoopGroupError, Spread,
};
pub use loop_handle::{LoopHandle, ThreadsafeTask};
pub use loop_object::Loop;
pub use names::{
    AddressFamily, AddressHints, AddressQuery, Lookup, NameFlags, Resolve, ResolvedAddress,
    Service, SocketKind, SystemResolver, getaddrinfo, getnameinfo,
};
pub use net::{
    Dial, DialError, HostAddress, Incoming, IntoStd, OwnedReadHalf, OwnedWriteHalf, ReadHalf,
    SendfileTarget, TcpListener, TcpSocket, TcpStream, ToAddress, ToHostAddress, UdpSocket,
    WriteHalf, sendfile, sendfile_without_fallback,
};
#[cfg(unix)]
pub use net::{IntoUnixStd, ToUnixAddress, UnixDatagram, UnixListener, UnixStream};
pub use polyloop_core::{
    Address, Census, Chunk, Error, ErrorKind, Key, ListenSpec, LoopConfig, OpKind, OptionName,
    PeerCredentials, ReceivedHandles, Result, SocketOption, Time, UdpSpec, UnixAddress,
    UnixDatagramSpec, UnixListenSpec, UnixStreamSpec,
};
#[cfg(unix)]
pub use process::create_subprocess::{create_subprocess_exec, create_subprocess_shell};
#[cfg(unix)]
pub use process::transport::{subprocess_exec, subprocess_shell};
pub use queue::{
    LifoQueue, PriorityQueue, Queue, QueueEmpty, QueueFull, QueueGetError, QueuePutError,
    QueueShutDown,
};
pub use runner::{Runner, RunnerBuilder, run};
pub use scope::{Scope, ScopedTask, scope};
#[cfg(unix)]
pub use server::start_unix_server;
pub use server::{ConnectionOutcome, Server, ServerBuilder, start_server};
#[cfg(unix)]
pub use streams::open_unix_connection;
pub use streams::{
    ExtraInfo, IncompleteReadError, LimitOverrunError, ReadError, Separators, StreamLines,
    StreamReader, StreamWriter, open_connection,
};
pub use sys::pollable::{OwnedSocket, Pollable};
pub use task::{
    Outcome, Task, TaskCallbackId, TaskError, TaskInfo, TaskReport, TaskStart, TaskState, WaitsFor,
};
pub use time::{
    Interval, MissedTicks, Sleep, TimedOut, Timeout, TimeoutHandle, interval, interval_at, sleep,
    sleep_until, timeout, timeout_at, timeout_scope, timeout_scope_at, wait_for, yield_now,
};
pub use transport::{
    BufferedProtocol, DatagramEndpoint, DatagramProtocol, DatagramTransport, ListeningSocket,
    Protocol, StreamSocket, Transport, connect_accepted_socket, connect_read_pipe,
    connect_write_pipe, create_connection, create_connection_with, create_datagram_endpoint,
    create_server,
};
#[cfg(unix)]
pub use transport::{create_unix_connection, create_unix_server};
pub use wait_hook::{WaitHook, WaitHookId};
pub use waiting::{
    AsCompleted, AsCompletedBy, Joinable, NextCompleted, ReturnWhen, Shield, TryJoinable, Wait,
    Waited, as_completed, as_completed_tasks, shield, try_wait, wait,
};
