//! Connecting to a host: every address of it, the first that answers wins (RFC 8305).

mod attempt;
mod dialer;
mod error;
mod interleave;
mod race;

pub(crate) use attempt::attempt;
pub use dialer::Dial;
pub use error::DialError;
