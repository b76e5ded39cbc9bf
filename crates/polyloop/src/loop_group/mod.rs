//! Several loops on threads of their own, that are made, fed and stopped together.
//!
//! Between threads go only what [`LoopHandle`](crate::LoopHandle) takes anyway (closures), results
//! (`outcome.rs`), and counters that nothing is decided by but which loop gets the next connection.

mod accepting;
mod builder;
mod ending;
mod group;
mod group_server;
mod group_server_builder;
mod idle;
mod local;
mod member;
mod place;
mod room;
mod running;
mod spread;

pub use builder::LoopGroupBuilder;
pub use ending::{LoopEnd, LoopGroupError};
pub use group::LoopGroup;
pub use group_server::GroupServer;
pub use group_server_builder::GroupServerBuilder;
pub use spread::Spread;
