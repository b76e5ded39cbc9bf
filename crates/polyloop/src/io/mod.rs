//! Byte streams: pipes.
//!
//! Every byte stream of this crate implements the traits of `futures-io`, so that what is written
//! for one works on all.

mod pipe;

pub use pipe::{PipeReader, PipeWriter, pipe};
