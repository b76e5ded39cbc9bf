//! TCP on any backend.

mod address;
mod byte_stream;
mod halves;
mod listener;
pub(crate) mod read;
pub(crate) mod resource;
mod stream;
pub(crate) mod write;

pub use address::ToAddress;
pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
pub use listener::TcpListener;
pub use stream::{IntoStd, TcpStream};
