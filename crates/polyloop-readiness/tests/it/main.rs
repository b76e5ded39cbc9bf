//! What the conformance suite cannot see: what the loop asks of its selector, and what it does
//! with answers that no machine gives on demand.

mod accepting;
mod faults;
mod flow;
mod registrations;
mod scripted;
