//! TCP on any backend.

mod address;
mod dial;
mod halves;
mod host_address;
mod listener;
pub(crate) mod read;
pub(crate) mod resource;
mod stream;
pub(crate) mod write;

pub use address::ToAddress;
pub use dial::{Dial, DialError};
pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
pub use host_address::{HostAddress, ToHostAddress};
pub use listener::TcpListener;
pub use stream::{IntoStd, TcpStream};
