//! A loop that keeps its whole world in memory: the contract written down once more, as plainly
//! as it can be, to be the oracle of the suite and of the random op sequences.
//!
//! It has its own network, pipes and files, so both ends of everything are on one loop. The
//! clock is real. It shares no op logic with any backend.

mod admission;
mod bell;
mod closing;
mod datagram;
mod disk;
mod event_loop;
mod files;
mod flaw;
mod lanes;
mod listener;
mod network;
mod options;
mod pairs;
mod polls;
mod resource;
mod stream;
mod wire;
mod world;

pub use event_loop::ModelLoop;
pub use flaw::Flaw;
pub(crate) use flaw::mistakes;
