//! TCP on any backend.

mod address;
mod halves;
mod listener;
mod read;
mod resource;
mod stream;
mod write;

pub use address::ToAddress;
pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
pub use listener::TcpListener;
pub use stream::{IntoStd, TcpStream};
