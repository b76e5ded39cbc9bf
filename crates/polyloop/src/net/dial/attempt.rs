use std::net::SocketAddr;

use polyloop_core::{OpenSpec, Result, TcpSpec};

use crate::net::TcpStream;
use crate::net::resource::Resource;

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
    let mut spec = TcpSpec::to(peer);
    spec.bind = local;
    let resource = Resource::open(OpenSpec::Tcp(spec)).await?;
    resource.connect(peer.into()).await?;
    Ok(TcpStream::of(resource))
}
