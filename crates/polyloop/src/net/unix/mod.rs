//! Sockets of this machine only.

mod address;
mod datagram;
mod handles;
mod listener;
mod stream;

pub use address::ToUnixAddress;
pub use datagram::UnixDatagram;
pub use listener::UnixListener;
pub use stream::{IntoUnixStd, UnixStream};
