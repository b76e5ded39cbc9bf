//! The sockets of servers: on loopback, at a port of the system's choice.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use socket2::{Domain, Socket, Type};

/// Connections that may wait to be accepted: more than any work opens at once.
const BACKLOG: i32 = 4096;

/// Bytes that datagrams may wait in, where the system allows as many.
const DATAGRAM_BYTES: usize = 1 << 20;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Makes a listener that does not block.
pub(crate) fn listener() -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&ANY_PORT.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Makes a datagram socket that does not block.
pub(crate) fn datagrams() -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_recv_buffer_size(DATAGRAM_BYTES)?;
    socket.bind(&ANY_PORT.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}
