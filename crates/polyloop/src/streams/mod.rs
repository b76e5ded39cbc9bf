//! Streams: a reader with a buffer and a writer that never waits, as asyncio has them.

mod buffer;
mod connect;
mod error;
mod exact;
mod extra_info;
mod io_traits;
mod lines;
mod reader;
mod separators;
mod source;
#[cfg(unix)]
mod unix;
mod until;
mod writer;

pub use connect::open_connection;
pub(crate) use connect::pair_of;
pub use error::{IncompleteReadError, LimitOverrunError, ReadError};
pub use extra_info::ExtraInfo;
pub use lines::Lines;
pub use reader::StreamReader;
pub use separators::Separators;
#[cfg(unix)]
pub use unix::open_unix_connection;
pub use writer::StreamWriter;
