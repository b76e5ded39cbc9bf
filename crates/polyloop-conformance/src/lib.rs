//! What every event loop owes, as a suite that anybody can run on a backend of their own.
//!
//! [`suite!`] takes a [`LoopFactory`](polyloop_core::LoopFactory) and becomes one test for each
//! situation of the [contract](polyloop_core::contract):
//!
//! ```
//! mod my_loop {
//!     use polyloop_conformance::ModelLoop as MyLoop;
//!     use polyloop_core::{EventLoop, FnFactory, LoopConfig};
//!
//!     polyloop_conformance::suite!(FnFactory::new("my-loop", |config: &LoopConfig| {
//!         Ok(Box::new(MyLoop::new(config)) as Box<dyn EventLoop>)
//!     }));
//! }
//! ```
//!
//! A factory that refuses to build skips every case, and prints why; the environment variable
//! `POLYLOOP_EXPECT` (names of backends, with commas) makes that a failure. Cases of optional
//! capabilities (attaching handles, a guest descriptor) are skipped where the loop has none, and
//! so are those of Unix sockets and of handles that travel through them.
//! Cases run both ends of everything on the loop under test, and no wait in them is without
//! an end.
//!
//! [`ModelLoop`] is a loop in memory that passes the suite: the contract written down once
//! more, and the oracle for random op sequences.
#![deny(unsafe_code)]

mod cases;
mod differential;
mod harness;
mod model;
pub mod mutants;
mod parts;
mod random;
mod registry;
mod rig;
mod sys;
mod unix_parts;

pub use harness::{Case, Harness, Outcome};
pub use model::{Flaw, ModelLoop};
pub use registry::{CASES, run_named};
