use std::net::SocketAddr;

use polyloop_core::{Op, OpenSpec, Result, TcpSpec};

use crate::engine;
use crate::net::TcpStream;
use crate::net::resource::Resource;
use crate::op_future::{OpFuture, opened};

/// Connects to one address, from a local one if that is given.
///
/// # Errors
///
/// The operating system's, saying to where.
///
/// # Cancel safety
///
/// Dropping the future abandons the attempt and closes the socket.
pub(crate) async fn attempt(peer: SocketAddr, local: Option<SocketAddr>) -> Result<TcpStream> {
    let home = engine::current().ok_or_else(engine::not_running)?.id;
    let mut spec = TcpSpec::to(peer);
    spec.bind = local;
    let op = Op::Open { spec: Box::new(OpenSpec::Tcp(spec)) };
    let key = opened(OpFuture::new(home, op).await)?;
    let stream = TcpStream::of(Resource::new(home, key));
    let connect = Op::Connect { key, address: peer.into() };
    OpFuture::new(home, connect).await.result?;
    Ok(stream)
}
