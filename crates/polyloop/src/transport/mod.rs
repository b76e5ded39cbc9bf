//! Transports and protocols: the callback layer. It needs no task.

mod calls;
mod connect;
mod connecting;
mod core;
mod datagram;
mod datagram_core;
mod datagram_handle;
mod lender;
mod protocol;
mod protocol_slot;
mod socket;
mod stacked;
mod transport_handle;
#[cfg(unix)]
mod unix;

pub use connect::{
    connect_accepted_socket, connect_read_pipe, connect_write_pipe, create_connection,
    create_server,
};
#[cfg(feature = "tls")]
pub(crate) use connect::{made, wire};
pub use connecting::create_connection_with;
pub use datagram::{DatagramEndpoint, create_datagram_endpoint};
pub use datagram_handle::DatagramTransport;
pub use protocol::{BufferedProtocol, DatagramProtocol, Protocol};
#[cfg(unix)]
pub(crate) use protocol_slot::{Called, ProtocolSlot};
pub use socket::{ListeningSocket, StreamSocket};
pub use transport_handle::Transport;
#[cfg(unix)]
pub use unix::{create_unix_connection, create_unix_server};
