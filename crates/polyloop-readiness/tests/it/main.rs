//! What the conformance suite cannot see: what the loop asks of its selector, and what it does
//! with answers that no machine gives on demand.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accepting;
mod faults;
mod flow;
mod gathering;
mod registrations;
mod scripted;
