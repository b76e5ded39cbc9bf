//! Transports and protocols: the callback layer. It needs no task.

mod any_protocol;
mod calls;
mod core;
mod create_connection;
mod create_connection_with;
mod create_server;
mod datagram;
mod datagram_core;
mod datagram_handle;
mod lender;
mod protocol;
mod protocol_slot;
mod socket;
mod transport_handle;
#[cfg(unix)]
mod unix;

pub use create_connection::{
    connect_accepted_socket, connect_read_pipe, connect_write_pipe, create_connection,
};
#[cfg(feature = "tls")]
pub(crate) use create_connection::{made, wire};
pub use create_connection_with::create_connection_with;
pub use create_server::create_server;
pub use datagram::{DatagramEndpoint, create_datagram_endpoint};
pub use datagram_handle::DatagramTransport;
pub use protocol::{BufferedProtocol, DatagramProtocol, Protocol};
#[cfg(unix)]
pub(crate) use protocol_slot::{Called, ProtocolSlot};
pub use socket::{ListeningSocket, StreamSocket};
pub use transport_handle::Transport;
#[cfg(unix)]
pub use unix::{create_unix_connection, create_unix_server};
