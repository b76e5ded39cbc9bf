use std::rc::Rc;

use polyloop_core::Result;

use super::core;
use super::protocol::{BufferedProtocol, Protocol};
use super::socket::StreamSocket;
use super::transport_handle::Transport;
use crate::io::{PipeReader, PipeWriter};
use crate::net::resource::Resource;
use crate::net::{TcpStream, ToHostAddress};
use crate::wire::{Wire, WireKind};

/// Connects, and puts a protocol on the connection: asyncio's `create_connection`.
///
/// When it is done the protocol's `connection_made` has been called. How to connect can be said with
/// [`Dial`](crate::Dial) and [`connect_accepted_socket`]. In callbacks, where nothing can be awaited,
/// [`create_connection_with`](crate::create_connection_with) does it.
///
/// # Errors
///
/// As for [`TcpStream::connect`].
///
/// # Cancel safety
///
/// Dropping the future abandons the attempt and closes the socket; once `connection_made` was
/// called, the connection goes on.
///
/// # Examples
///
/// ```
/// use polyloop::{Protocol, Transport, create_connection, start_server};
///
/// struct Hello;
///
/// impl Protocol for Hello {
///     fn connection_made(&mut self, transport: &Transport) {
///         transport.write(b"hello\n");
///     }
///     fn data_received(&mut self, transport: &Transport, data: &[u8]) {
///         assert_eq!(data, b"hello\n");
///         transport.close();
///     }
/// }
///
/// polyloop::run(async {
///     let echo = |mut reader: polyloop::StreamReader, writer: polyloop::StreamWriter| async move {
///         writer.write(&reader.readline().await?);
///         Ok::<(), polyloop::Error>(())
///     };
///     let server = start_server(echo, "127.0.0.1:0").await?;
///     let transport = create_connection(|| Hello, server.local_addr()?).await?;
///     assert!(transport.extra_info().peername().is_some());
///     while !transport.is_closing() {
///         polyloop::sleep(std::time::Duration::from_millis(1)).await;
///     }
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub async fn create_connection<P: Protocol>(
    factory: impl FnOnce() -> P,
    to: impl ToHostAddress,
) -> Result<Transport> {
    let stream = TcpStream::connect(to).await?;
    Ok(made(&wire(stream.into_resource()), factory()).await)
}

/// Puts a protocol on a wire, and waits until it knows of that.
pub(crate) async fn made<P: Protocol>(wire: &Rc<Wire>, protocol: P) -> Transport {
    let transport = core::start(wire, protocol);
    transport.until_made().await;
    transport
}

/// Puts a protocol on a connection that is there: asyncio's `connect_accepted_socket`. It does not
/// wait; `connection_made` is called in the next iteration.
pub fn connect_accepted_socket<P: Protocol>(
    factory: impl FnOnce() -> P,
    socket: impl StreamSocket,
) -> Transport {
    core::start(&wire(socket.into_socket_resource()), factory())
}

/// Puts a protocol on the read end of a pipe: asyncio's `connect_read_pipe`. It does not wait.
pub fn connect_read_pipe<P: Protocol>(factory: impl FnOnce() -> P, pipe: PipeReader) -> Transport {
    let wire = Wire::new(pipe.into_resource(), WireKind::PipeReader);
    core::start(&wire, factory())
}

/// Puts a protocol on the write end of a pipe: asyncio's `connect_write_pipe`. It does not wait.
///
/// That its reader has gone is told when something is written: `connection_lost` with *broken
/// pipe*.
pub fn connect_write_pipe<P: Protocol>(factory: impl FnOnce() -> P, pipe: PipeWriter) -> Transport {
    let wire = Wire::new(pipe.into_resource(), WireKind::PipeWriter);
    core::start(&wire, factory())
}

impl Transport {
    /// Puts a protocol that says where its bytes go on a connection. It does not wait.
    pub fn buffered<P: BufferedProtocol>(
        factory: impl FnOnce() -> P,
        socket: impl StreamSocket,
    ) -> Transport {
        core::start_buffered(&wire(socket.into_socket_resource()), factory())
    }
}

pub(crate) fn wire(resource: Resource) -> Rc<Wire> {
    Wire::new(resource, WireKind::Socket)
}
