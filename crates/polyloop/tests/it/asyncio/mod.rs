//! The frontend's order is asyncio's: programs in Python, what they printed under CPython, and
//! their twins in Rust, which must print the same on every backend.
//!
//! `tests/asyncio/programs` holds the programs, `tests/asyncio/recorded` what they printed
//! (`scripts/record-asyncio` writes it), `registry.rs` which twin belongs to which.

mod callbacks;
mod cancel;
mod completions;
mod futures;
mod gathers;
mod groups;
mod locks;
#[cfg(feature = "__mutants")]
mod mutants;
mod queues;
mod registry;
mod script;
mod tasks;
mod timeouts;
mod timers;
mod tour;
mod waits;
