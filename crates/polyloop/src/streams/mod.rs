//! Streams: a reader with a buffer and a writer that never waits, as asyncio has them.

mod buffer;
mod connect;
mod error;
mod exact;
mod extra_info;
mod io_traits;
mod reader;
mod separators;
mod source;
mod stream_lines;
#[cfg(unix)]
mod unix;
mod until;
mod writer;

pub use connect::open_connection;
pub(crate) use connect::pair_of;
pub use error::{IncompleteReadError, LimitOverrunError, ReadError};
pub use extra_info::ExtraInfo;
pub use reader::StreamReader;
pub use separators::Separators;
pub use stream_lines::StreamLines;
#[cfg(unix)]
pub use unix::open_unix_connection;
pub use writer::StreamWriter;
