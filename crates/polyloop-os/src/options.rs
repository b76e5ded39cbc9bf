use std::io;

use polyloop_core::{Address, ErrorKind, OptionName, OsHandle, Result, SocketOption};
use socket2::{Domain, SockAddr, SockRef, TcpKeepalive};

/// Gives the address that a socket is bound to.
pub fn local_address(handle: &OsHandle) -> Result<Address> {
    address(socket(handle)?.local_addr()?)
}

/// Gives the address that a socket is connected to.
pub fn peer_address(handle: &OsHandle) -> Result<Address> {
    address(socket(handle)?.peer_addr()?)
}

fn address(address: SockAddr) -> Result<Address> {
    Ok(address.as_socket().ok_or(ErrorKind::Unsupported)?.into())
}

/// Sets an option.
pub fn set_option(handle: &OsHandle, option: SocketOption) -> Result<()> {
    let socket = socket(handle)?;
    match option {
        SocketOption::Nodelay(on) => socket.set_tcp_nodelay(on)?,
        SocketOption::KeepAlive(None) => socket.set_keepalive(false)?,
        SocketOption::KeepAlive(Some(idle)) => {
            socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle))?;
        }
        SocketOption::Linger(linger) => socket.set_linger(linger)?,
        SocketOption::ReceiveBuffer(size) => socket.set_recv_buffer_size(size)?,
        SocketOption::SendBuffer(size) => socket.set_send_buffer_size(size)?,
        SocketOption::HopLimit(hops) if is_v6(&socket)? => {
            socket.set_unicast_hops_v6(hops.into())?;
        }
        SocketOption::HopLimit(hops) => socket.set_ttl_v4(hops.into())?,
        SocketOption::Broadcast(on) => socket.set_broadcast(on)?,
        _ => return Err(ErrorKind::Unsupported.into()),
    }
    Ok(())
}

/// Reads an option.
pub fn option(handle: &OsHandle, name: OptionName) -> Result<SocketOption> {
    let socket = socket(handle)?;
    Ok(match name {
        OptionName::Nodelay => SocketOption::Nodelay(socket.tcp_nodelay()?),
        OptionName::KeepAlive if socket.keepalive()? => {
            SocketOption::KeepAlive(Some(crate::sys::keepalive_idle(&socket)?))
        }
        OptionName::KeepAlive => SocketOption::KeepAlive(None),
        OptionName::Linger => SocketOption::Linger(socket.linger()?),
        OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(socket.recv_buffer_size()?),
        OptionName::SendBuffer => SocketOption::SendBuffer(socket.send_buffer_size()?),
        OptionName::HopLimit => {
            let hops = if is_v6(&socket)? { socket.unicast_hops_v6()? } else { socket.ttl_v4()? };
            SocketOption::HopLimit(u8::try_from(hops).unwrap_or(u8::MAX))
        }
        OptionName::Broadcast => SocketOption::Broadcast(socket.broadcast()?),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

fn is_v6(socket: &SockRef<'_>) -> io::Result<bool> {
    Ok(socket.local_addr()?.domain() == Domain::IPV6)
}

fn socket(handle: &OsHandle) -> Result<SockRef<'_>> {
    match handle {
        OsHandle::TcpStream(stream) => Ok(SockRef::from(stream)),
        OsHandle::TcpListener(listener) => Ok(SockRef::from(listener)),
        OsHandle::UdpSocket(socket) => Ok(SockRef::from(socket)),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}
