//! TCP on any backend.

mod address;
mod byte_stream;
mod dial;
mod halves;
mod host_address;
mod listener;
pub(crate) mod read;
pub(crate) mod resource;
mod send_file;
mod stream;
pub(crate) mod write;

pub use address::ToAddress;
pub use dial::{Dial, DialError};
pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
pub use host_address::{HostAddress, ToHostAddress};
pub use listener::TcpListener;
pub(crate) use send_file::sealed;
pub use send_file::{SendfileTarget, sendfile, sendfile_without_fallback};
pub use stream::{IntoStd, TcpStream};
