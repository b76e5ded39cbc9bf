//! How readiness emulates completion, written once over a small [`Selector`] trait.
//!
//! [`ReadinessLoop`] is an [`EventLoop`](polyloop_core::EventLoop) for any selector. A backend
//! provides the selector and nothing else.
//!
//! # How ops are done
//!
//! * *Try the call first.* An op with none before it in its direction is attempted when it is
//!   submitted, unless an attempt is known to block. What would block waits in a lane for an event.
//! * An edge-triggered selector holds one registration of both directions for the life of a
//!   descriptor, made when something would block for the first time. A one-shot selector is
//!   armed only while something waits.
//! * After *would block* a direction is known to be blocked until an event. So it is after a
//!   transfer of a stream that came back short, if the selector reports ends. A `try_` method
//!   says *would block* once without asking the kernel then; tried again before an event, it asks.
//!   What is not registered yet is registered instead, which tells of what has come meanwhile.
//! * A multishot receive is a subscription. The loop never receives ahead: it tells *readable*
//!   once, and again only after a `try_recv` or `try_recv_chunk` has said *would block*.
//! * Of what a watched stream is given to send soon the first bytes of a turn go at once, and small writes
//!   behind them together with the next turn, if the selector reports ends.
//! * A multishot accept takes connections within a turn's budget. Out of descriptors or memory,
//!   every accept of the listener pauses.
//! * A multishot receive asks nothing where its registration is made or armed just then, which
//!   tells what is there; else it asks poll(2) for what an event has told before.
//! * Polls are checked by poll(2) when they are submitted and after each event, so that a
//!   spurious event is never told.
//! * Files wait on threads, a bounded number of them, and otherwise in the loop. A short read of what
//!   the system has in memory is done at once, where the system tells.
//!
//! # What a turn costs
//!
//! One wait of the selector, and the calls of the ops themselves.

#![forbid(unsafe_code)]

mod attempt;
mod direct;
mod ending;
mod engine;
mod fit;
mod guest;
mod jobs;
mod lanes;
mod multishot;
mod offload;
mod op_table;
mod outbox;
mod pauses;
mod peer;
mod polls;
mod readiness_loop;
mod resource;
mod selector;
mod soon;
mod subscription;
mod tag;
mod turn;

pub use readiness_loop::ReadinessLoop;
pub use selector::{Event, Selector, Trigger};
pub use tag::Tag;
