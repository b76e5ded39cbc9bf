//! Broken loops: working ones with exactly one mistake each, to see that the suite sees it.
//!
//! A [`Flaw`](crate::Flaw) is a mistake inside the model loop. A [`Fault`] is one in a wrapper
//! around any loop; those of attaching and of guest mode, which the model has not, wrap a real
//! backend in that backend's own tests, with [`gated_faults_are_caught`].

mod completions;
mod fault;
mod gated;
mod mutant;
mod mutant_loop;

pub use fault::Fault;
pub use gated::{GATED, gated_faults_are_caught};
pub use mutant::{Mutant, MutantFactory};
pub use mutant_loop::MutantLoop;
