//! What the benchmarks share, and what was weighed against what polyloop uses ([`TimerWheel`]).
//!
//! `accept`, `echo`, `files`, `udp` and `wake` compare polyloop's backends ([`runners`]). `tasks`, `sleeps`, `thread_wake`,
//! `ratios` and `memory` compare polyloop with its peers: what is done is in [`work`], once, generic
//! over [`Peer`] and [`HandOver`], and every peer does it in the same process, one after the other;
//! in `ratios` in turns, many times over. docs/benchmarking.md
//! says what the rows mean.

#![forbid(unsafe_code)]

mod backends;
mod bare;
mod compare;
mod gate;
mod hand_over;
mod peer;
mod timer_wheel;
pub mod work;

pub use backends::{raise_descriptor_limit, runners};
pub use bare::Bare;
pub use gate::Gate;
pub use hand_over::HandOver;
pub use peer::{Peer, Polyloop, Smol, Tokio};
pub use timer_wheel::TimerWheel;
