//! What the benchmarks share.
//!
//! `echo` and `wake` compare polyloop's backends ([`runners`]). `tasks`, `timers`, `thread_wake` and
//! `memory` compare polyloop with its peers: what is done is in [`work`], once, generic over
//! [`Peer`], and every peer does it in the same process, one after the other. docs/benchmarking.md
//! says what the rows mean.

#![forbid(unsafe_code)]

mod backends;
mod compare;
mod peer;
pub mod work;

pub use backends::runners;
pub use peer::{Peer, Polyloop, Smol, Tokio};
