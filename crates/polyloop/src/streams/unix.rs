use polyloop_core::Result;

use super::open_connection::pair_of;
use super::reader::StreamReader;
use super::writer::StreamWriter;
use crate::net::{ToUnixAddress, UnixStream};
use crate::wire::{Wire, WireKind};

/// Connects to a Unix socket, and gives the two ends of the connection: asyncio's
/// `open_unix_connection`.
///
/// # Errors
///
/// As for [`UnixStream::connect`].
///
/// # Cancel safety
///
/// Dropping the future abandons the attempt and closes the socket.
pub async fn open_unix_connection(to: impl ToUnixAddress) -> Result<(StreamReader, StreamWriter)> {
    Ok(UnixStream::connect(to).await?.into_streams())
}

impl UnixStream {
    /// Makes of the connection a reader with a buffer and a writer that never waits.
    pub fn into_streams(self) -> (StreamReader, StreamWriter) {
        pair_of(Wire::new(self.into_resource(), WireKind::Socket))
    }
}
