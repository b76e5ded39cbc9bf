//! Streams: a reader with a buffer and a writer that never waits, as asyncio has them.

mod buffer;
mod error;
mod exact;
mod extra_info;
mod io_traits;
mod open_connection;
mod reader;
mod separators;
mod source;
mod stream_lines;
#[cfg(unix)]
mod unix;
mod until;
mod writer;

pub use error::{IncompleteReadError, LimitOverrunError, ReadError};
pub use extra_info::ExtraInfo;
pub(crate) use extra_info::Subject;
pub use open_connection::open_connection;
pub(crate) use open_connection::pair_of;
pub use reader::StreamReader;
pub use separators::Separators;
pub use stream_lines::StreamLines;
#[cfg(unix)]
pub use unix::open_unix_connection;
pub use writer::StreamWriter;
