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
mod until;
mod writer;

pub use connect::open_connection;
pub(crate) use connect::pair_of;
pub use error::{IncompleteReadError, LimitOverrunError, ReadError};
pub use extra_info::ExtraInfo;
pub use lines::Lines;
pub use reader::StreamReader;
pub use separators::Separators;
pub use writer::StreamWriter;
