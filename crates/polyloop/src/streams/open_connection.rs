use polyloop_core::Result;

use super::reader::StreamReader;
use super::writer::StreamWriter;
use crate::net::{TcpStream, ToHostAddress};
use crate::wire::{Wire, WireKind};

/// Connects, and gives the two ends of the connection: asyncio's `open_connection`.
///
/// # Errors
///
/// As for [`TcpStream::connect`].
///
/// # Cancel safety
///
/// Dropping the future abandons the attempt and closes the socket.
pub async fn open_connection(to: impl ToHostAddress) -> Result<(StreamReader, StreamWriter)> {
    Ok(TcpStream::connect(to).await?.into_streams())
}

/// Gives the two ends of a wire that nobody else holds.
pub(crate) fn pair_of(wire: std::rc::Rc<Wire>) -> (StreamReader, StreamWriter) {
    wire.set_halves(2);
    (StreamReader::of(wire.clone()), StreamWriter::of(wire))
}

impl TcpStream {
    /// Makes of the connection a reader with a buffer and a writer that never waits.
    pub fn into_streams(self) -> (StreamReader, StreamWriter) {
        pair_of(Wire::new(self.into_resource(), WireKind::Socket))
    }
}
