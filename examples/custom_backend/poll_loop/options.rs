//! Addresses and options of sockets.

use std::io;

use polyloop_core::{Address, ErrorKind, OptionName, OsHandle, Result, SocketOption};
use socket2::{Domain, SockAddr, SockRef, TcpKeepalive};

use super::system::fd;

pub(super) fn local_address(handle: &OsHandle) -> Result<Address> {
    with_socket(handle, |socket| address(socket.local_addr()?))
}

pub(super) fn peer_address(handle: &OsHandle) -> Result<Address> {
    with_socket(handle, |socket| address(socket.peer_addr()?))
}

fn address(address: SockAddr) -> Result<Address> {
    Ok(address.as_socket().ok_or(ErrorKind::Unsupported)?.into())
}

pub(super) fn set_option(handle: &OsHandle, option: SocketOption) -> Result<()> {
    with_socket(handle, |socket| {
        match option {
            SocketOption::Nodelay(on) => socket.set_tcp_nodelay(on)?,
            SocketOption::KeepAlive(None) => socket.set_keepalive(false)?,
            SocketOption::KeepAlive(Some(idle)) => {
                socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle))?;
            }
            SocketOption::Linger(linger) => socket.set_linger(linger)?,
            SocketOption::ReceiveBuffer(size) => socket.set_recv_buffer_size(size)?,
            SocketOption::SendBuffer(size) => socket.set_send_buffer_size(size)?,
            SocketOption::HopLimit(hops) if is_v6(socket)? => {
                socket.set_unicast_hops_v6(hops.into())?;
            }
            SocketOption::HopLimit(hops) => socket.set_ttl_v4(hops.into())?,
            SocketOption::Broadcast(on) => socket.set_broadcast(on)?,
            SocketOption::MulticastHops(hops) if is_v6(socket)? => {
                socket.set_multicast_hops_v6(hops.into())?;
            }
            SocketOption::MulticastHops(hops) => socket.set_multicast_ttl_v4(hops.into())?,
            SocketOption::MulticastLoop(on) if is_v6(socket)? => {
                socket.set_multicast_loop_v6(on)?;
            }
            SocketOption::MulticastLoop(on) => socket.set_multicast_loop_v4(on)?,
            _ => return Err(ErrorKind::Unsupported.into()),
        }
        Ok(())
    })
}

pub(super) fn option(handle: &OsHandle, name: OptionName) -> Result<SocketOption> {
    with_socket(handle, |socket| {
        Ok(match name {
            OptionName::Nodelay => SocketOption::Nodelay(socket.tcp_nodelay()?),
            OptionName::KeepAlive if socket.keepalive()? => {
                SocketOption::KeepAlive(Some(socket.tcp_keepalive_time()?))
            }
            OptionName::KeepAlive => SocketOption::KeepAlive(None),
            OptionName::Linger => SocketOption::Linger(socket.linger()?),
            OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(socket.recv_buffer_size()?),
            OptionName::SendBuffer => SocketOption::SendBuffer(socket.send_buffer_size()?),
            OptionName::HopLimit => {
                let v6 = is_v6(socket)?;
                let hops = if v6 { socket.unicast_hops_v6()? } else { socket.ttl_v4()? };
                SocketOption::HopLimit(u8::try_from(hops).unwrap_or(u8::MAX))
            }
            OptionName::Broadcast => SocketOption::Broadcast(socket.broadcast()?),
            OptionName::MulticastHops => {
                let v6 = is_v6(socket)?;
                let hops =
                    if v6 { socket.multicast_hops_v6()? } else { socket.multicast_ttl_v4()? };
                SocketOption::MulticastHops(u8::try_from(hops).unwrap_or(u8::MAX))
            }
            OptionName::MulticastLoop => {
                let v6 = is_v6(socket)?;
                let on =
                    if v6 { socket.multicast_loop_v6()? } else { socket.multicast_loop_v4()? };
                SocketOption::MulticastLoop(on)
            }
            _ => return Err(ErrorKind::Unsupported.into()),
        })
    })
}

fn is_v6(socket: &SockRef<'_>) -> io::Result<bool> {
    Ok(socket.local_addr()?.domain() == Domain::IPV6)
}

fn with_socket<R>(handle: &OsHandle, call: impl FnOnce(&SockRef<'_>) -> Result<R>) -> Result<R> {
    match handle {
        OsHandle::TcpStream(_) | OsHandle::TcpListener(_) | OsHandle::UdpSocket(_) => {
            call(&SockRef::from(&fd(handle)))
        }
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}
