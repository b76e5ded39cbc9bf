//! Sockets on any backend.

mod accepting;
mod address;
mod datagram;
mod dial;
mod halves;
mod handing_on;
mod host_address;
mod io_traits;
mod listener;
mod other_end;
pub(crate) mod read;
pub(crate) mod resource;
mod send_file;
mod stream;
mod stream_methods;
mod tcp_socket;
mod udp;
#[cfg(unix)]
mod unix;
pub(crate) mod write;

pub use accepting::Incoming;
pub use address::ToAddress;
pub use dial::{Dial, DialError};
pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
pub use host_address::{HostAddress, ToHostAddress};
pub use listener::TcpListener;
pub use send_file::{SendfileTarget, sendfile, sendfile_without_fallback};
pub use stream::{IntoStd, TcpStream};
pub use tcp_socket::TcpSocket;
pub use udp::UdpSocket;
#[cfg(unix)]
pub use unix::{IntoUnixStd, ToUnixAddress, UnixDatagram, UnixListener, UnixStream};
