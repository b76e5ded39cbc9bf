//! The contract of polyloop's event loops.
//!
//! [`EventLoop`] is what a backend implements and what a frontend drives: ops go in, completions
//! come out. The [`contract`] says in sixteen clauses what each side owes. Around it are the
//! concrete types that cross the boundary (ops, completions, keys, buffers, chunks, time,
//! errors) and pure machinery that backends and frontends share ([`Slab`], [`TimerQueue`],
//! [`ReadyQueue`], [`Inbound`], [`WakeGate`]).
//!
//! This crate makes no system call, knows no platform, and depends on nothing.
//!
//! ```
//! use polyloop_core::{Batch, EventLoop, Op, OpenSpec, Output, Submission, TcpSpec, Time, Token};
//!
//! /// Opens a socket on any loop and waits for the completion.
//! fn open_socket(events: &mut dyn EventLoop) -> polyloop_core::Result<polyloop_core::Key> {
//!     let peer = "127.0.0.1:80".parse().expect("a valid address");
//!     let op = Op::Open { spec: Box::new(OpenSpec::Tcp(TcpSpec::to(peer))) };
//!     let mut batch = Batch::new();
//!     let completion = match events.submit(op, Token(1)) {
//!         Submission::Done(completion) => completion,
//!         Submission::Queued(_) => loop {
//!             events.turn(Time::NEVER, &mut batch);
//!             if let Some(completion) = batch.drain().find(|done| done.token == Token(1)) {
//!                 break completion;
//!             }
//!         },
//!     };
//!     match completion.result? {
//!         Output::Opened(key) => Ok(key),
//!         other => unreachable!("open completes with a key, not {other:?}"),
//!     }
//! }
//! ```

mod address;
mod batch;
mod boxed_loop;
mod buffer;
mod capabilities;
mod chunk;
mod completion;
mod config;
pub mod contract;
mod error;
mod event_loop;
mod exit;
mod factory;
mod forward_to_loop;
mod inbound;
mod interest;
mod key;
pub mod limits;
mod metadata;
mod op;
mod op_kind;
mod op_parts;
mod ready_queue;
mod received_handles;
mod resource;
mod slab;
mod socket_option;
mod time;
mod timer_queue;
mod unix_spec;
mod waker;

pub use address::{Address, UnixAddress};
pub use batch::Batch;
pub use buffer::Buffer;
pub use capabilities::{Capabilities, Route};
pub use chunk::{Chunk, Pool};
pub use completion::{Completion, Detached, Output, Submission, Turned};
pub use config::LoopConfig;
pub use error::{Error, ErrorKind, Result};
pub use event_loop::{Census, Closed, EventLoop, GuestWait};
pub use exit::Exit;
pub use factory::{FnFactory, LoopFactory};
pub use inbound::Inbound;
pub use interest::Interest;
pub use key::{Key, OpId, Token};
pub use metadata::{FileKind, Metadata};
pub use op::{CloseMode, Op, Removal, SyncScope};
pub use op_kind::OpKind;
pub use ready_queue::ReadyQueue;
pub use received_handles::ReceivedHandles;
pub use resource::{FileSpec, ListenSpec, OpenSpec, OsHandle, Rejected, TcpSpec, UdpSpec};
pub use slab::{Slab, SlabKey};
pub use socket_option::{OptionName, PeerCredentials, SocketOption};
pub use time::Time;
pub use timer_queue::{TimerId, TimerQueue};
pub use unix_spec::{PairKind, UnixDatagramSpec, UnixListenSpec, UnixStreamSpec};
pub use waker::{LoopWaker, Notify, WakeGate};
