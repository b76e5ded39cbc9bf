//! Descriptors and sockets that stay the user's: watched, then called without blocking.
//!
//! The loop never takes what it does not own for itself (clause 12): it polls a duplicate, and the
//! calls are made on the user's own, so that giving up consumes nothing.

mod duplicate;
mod sock_calls;
mod sock_sendfile;
mod sock_transfers;
mod watcher;
mod watchers;

pub(crate) use watchers::Watchers;
