//! Servers: listeners, and the connections that they took.

mod accepting;
mod builder;
mod clients;
mod core;
mod handler;
mod idle;
mod server_object;
#[cfg(unix)]
mod unix;

pub use builder::ServerBuilder;
pub(crate) use handler::watched;
pub use handler::{ConnectionOutcome, start_server};
pub use server_object::Server;
#[cfg(unix)]
pub use unix::start_unix_server;
