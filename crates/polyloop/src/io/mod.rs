//! Byte streams: pipes, the standard streams, copying.
//!
//! Every byte stream of this crate implements the traits of `futures-io`, so that what is written
//! for one works on all.

mod copy;
mod lines;
mod pipe;
mod standard_input;
mod standard_output;
pub(crate) mod whole_reads;

pub use copy::{CopyError, copy, copy_bidirectional};
pub use lines::{Lines, lines};
pub use pipe::{PipeReader, PipeWriter, pipe};
pub use standard_input::{Stdin, stdin};
pub use standard_output::{Stderr, Stdout, stderr, stdout};
