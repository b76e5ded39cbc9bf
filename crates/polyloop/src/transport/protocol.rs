use polyloop_core::{Address, Error};

use super::datagram_handle::DatagramTransport;
use super::transport_handle::Transport;

/// What is called as a connection lives: asyncio's `Protocol`.
///
/// The order is asyncio's: [`connection_made`](Self::connection_made) first; then any number of
/// [`data_received`](Self::data_received); at most one [`eof_received`](Self::eof_received);
/// [`connection_lost`](Self::connection_lost) last, exactly once. Each call has its own place in
/// the loop's ready queue. Every method gets the transport, and may call anything of it.
///
/// They run in a copy of the [`Context`](crate::Context) in which the connection, or its server, was
/// created; what one sets the next ones see, and nobody else.
///
/// The methods of one protocol never nest: what they cause is told after they have returned. One
/// that panics is reported to the exception handler and its connection is aborted; the loop and
/// every other connection go on.
///
/// # Examples
///
/// ```
/// use polyloop::{Protocol, Transport, create_server, open_connection};
///
/// struct Echo;
///
/// impl Protocol for Echo {
///     fn data_received(&mut self, transport: &Transport, data: &[u8]) {
///         transport.write(data);
///     }
/// }
///
/// polyloop::run(async {
///     let server = create_server(|| Echo, "127.0.0.1:0").await?;
///     let (mut reader, writer) = open_connection(server.local_addr()?).await?;
///     writer.write(b"hello");
///     assert_eq!(reader.readexactly(5).await?, b"hello");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub trait Protocol: 'static {
    /// The connection is there.
    fn connection_made(&mut self, _transport: &Transport) {}

    /// Bytes have come.
    fn data_received(&mut self, transport: &Transport, data: &[u8]);

    /// The peer sends no more. True keeps this side open, to write on; else the transport closes
    /// itself.
    fn eof_received(&mut self, _transport: &Transport) -> bool {
        false
    }

    /// The connection is closed, by this side or because of an error. The last call.
    fn connection_lost(&mut self, _transport: &Transport, _error: Option<Error>) {}

    /// More is kept to be sent than the high mark: writing should wait.
    fn pause_writing(&mut self, _transport: &Transport) {}

    /// No more than the low mark is kept: writing may go on.
    fn resume_writing(&mut self, _transport: &Transport) {}
}

/// A protocol that says where its bytes go: asyncio's `BufferedProtocol`. They are received straight
/// into its buffer.
pub trait BufferedProtocol: 'static {
    /// The connection is there.
    fn connection_made(&mut self, _transport: &Transport) {}

    /// Gives where the next bytes go; at least one byte of room. `size_hint` is how many are usual at
    /// once.
    fn get_buffer(&mut self, size_hint: usize) -> &mut [u8];

    /// So many bytes have come, to the front of what [`get_buffer`](Self::get_buffer) gave.
    fn buffer_updated(&mut self, transport: &Transport, count: usize);

    /// The peer sends no more; see [`Protocol::eof_received`].
    fn eof_received(&mut self, _transport: &Transport) -> bool {
        false
    }

    /// The connection is closed; see [`Protocol::connection_lost`].
    fn connection_lost(&mut self, _transport: &Transport, _error: Option<Error>) {}

    /// Writing should wait; see [`Protocol::pause_writing`].
    fn pause_writing(&mut self, _transport: &Transport) {}

    /// Writing may go on; see [`Protocol::resume_writing`].
    fn resume_writing(&mut self, _transport: &Transport) {}
}

/// What is called as a datagram socket lives: asyncio's `DatagramProtocol`. Order, nesting and
/// panics are as for a [`Protocol`].
pub trait DatagramProtocol: 'static {
    /// The socket is there.
    fn connection_made(&mut self, _transport: &DatagramTransport) {}

    /// A datagram has come, from that address.
    fn datagram_received(&mut self, transport: &DatagramTransport, data: &[u8], from: &Address);

    /// An earlier send or a receive has failed, as when nobody listens at the peer's port. The
    /// socket goes on.
    fn error_received(&mut self, _transport: &DatagramTransport, _error: Error) {}

    /// The socket is closed. The last call.
    fn connection_lost(&mut self, _transport: &DatagramTransport, _error: Option<Error>) {}

    /// More is kept to be sent than the high mark: writing should wait.
    fn pause_writing(&mut self, _transport: &DatagramTransport) {}

    /// No more than the low mark is kept: writing may go on.
    fn resume_writing(&mut self, _transport: &DatagramTransport) {}
}
