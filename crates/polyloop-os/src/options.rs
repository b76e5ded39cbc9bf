use std::io;

use polyloop_core::{Address, ErrorKind, OptionName, OsHandle, Result, SocketOption};
use socket2::{Domain, Socket, TcpKeepalive};

use crate::sys;

/// Gives the address that a socket is bound to.
pub fn local_address(handle: &OsHandle) -> Result<Address> {
    sys::from_kernel(&sys::socket(handle)?.local_addr()?)
}

/// Gives the address that a socket is connected to.
pub fn peer_address(handle: &OsHandle) -> Result<Address> {
    sys::from_kernel(&sys::socket(handle)?.peer_addr()?)
}

/// Sets an option.
pub fn set_option(handle: &OsHandle, option: SocketOption) -> Result<()> {
    set(&*sys::socket(handle)?, &option)
}

pub(crate) fn set(socket: &Socket, option: &SocketOption) -> Result<()> {
    match *option {
        SocketOption::Nodelay(on) => socket.set_tcp_nodelay(on)?,
        SocketOption::KeepAlive(None) => socket.set_keepalive(false)?,
        SocketOption::KeepAlive(Some(idle)) => {
            socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle))?;
        }
        SocketOption::KeepAliveInterval(interval) => {
            socket.set_tcp_keepalive(&TcpKeepalive::new().with_interval(interval))?;
        }
        SocketOption::KeepAliveRetries(retries) => {
            socket.set_tcp_keepalive(&TcpKeepalive::new().with_retries(retries))?;
        }
        SocketOption::Linger(linger) => socket.set_linger(linger)?,
        SocketOption::ReceiveBuffer(size) => socket.set_recv_buffer_size(size)?,
        SocketOption::SendBuffer(size) => socket.set_send_buffer_size(size)?,
        SocketOption::ReuseAddress(on) => socket.set_reuse_address(on)?,
        SocketOption::ReusePort(true) => sys::set_reuse_port(socket)?,
        SocketOption::OnlyV6(on) => socket.set_only_v6(on)?,
        SocketOption::HopLimit(hops) if is_v6(socket)? => {
            socket.set_unicast_hops_v6(hops.into())?;
        }
        SocketOption::HopLimit(hops) => socket.set_ttl_v4(hops.into())?,
        SocketOption::TrafficClass(class) if is_v6(socket)? => {
            sys::set_traffic_class_v6(socket, class)?;
        }
        SocketOption::TrafficClass(class) => socket.set_tos_v4(class.into())?,
        SocketOption::Broadcast(on) => socket.set_broadcast(on)?,
        SocketOption::SegmentSize(size) => sys::set_segment_size(socket, size)?,
        SocketOption::Error(_) | SocketOption::PeerCredentials(_) => {
            return Err(ErrorKind::InvalidInput.into());
        }
        _ => set_multicast(socket, option)?,
    }
    Ok(())
}

fn set_multicast(socket: &Socket, option: &SocketOption) -> Result<()> {
    match option {
        SocketOption::JoinMulticastV4 { group, interface } => {
            socket.join_multicast_v4(group, interface)?;
        }
        SocketOption::LeaveMulticastV4 { group, interface } => {
            socket.leave_multicast_v4(group, interface)?;
        }
        SocketOption::JoinMulticastV6 { group, interface } => {
            socket.join_multicast_v6(group, *interface)?;
        }
        SocketOption::LeaveMulticastV6 { group, interface } => {
            socket.leave_multicast_v6(group, *interface)?;
        }
        SocketOption::MulticastLoop(on) if is_v6(socket)? => socket.set_multicast_loop_v6(*on)?,
        SocketOption::MulticastLoop(on) => socket.set_multicast_loop_v4(*on)?,
        SocketOption::MulticastHops(hops) if is_v6(socket)? => {
            socket.set_multicast_hops_v6((*hops).into())?;
        }
        SocketOption::MulticastHops(hops) => socket.set_multicast_ttl_v4((*hops).into())?,
        SocketOption::MulticastInterfaceV4(address) => socket.set_multicast_if_v4(address)?,
        SocketOption::MulticastInterfaceV6(index) => socket.set_multicast_if_v6(*index)?,
        _ => return Err(ErrorKind::Unsupported.into()),
    }
    Ok(())
}

/// Reads an option.
pub fn option(handle: &OsHandle, name: OptionName) -> Result<SocketOption> {
    let socket = &*sys::socket(handle)?;
    Ok(match name {
        OptionName::Nodelay => SocketOption::Nodelay(socket.tcp_nodelay()?),
        OptionName::KeepAlive if socket.keepalive()? => {
            SocketOption::KeepAlive(Some(sys::keepalive_idle(socket)?))
        }
        OptionName::KeepAlive => SocketOption::KeepAlive(None),
        OptionName::KeepAliveInterval => {
            SocketOption::KeepAliveInterval(sys::keepalive_interval(socket)?)
        }
        OptionName::KeepAliveRetries => {
            SocketOption::KeepAliveRetries(sys::keepalive_retries(socket)?)
        }
        OptionName::Linger => SocketOption::Linger(socket.linger()?),
        OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(socket.recv_buffer_size()?),
        OptionName::SendBuffer => SocketOption::SendBuffer(socket.send_buffer_size()?),
        OptionName::ReuseAddress => SocketOption::ReuseAddress(socket.reuse_address()?),
        OptionName::ReusePort => SocketOption::ReusePort(sys::reuse_port(socket)?),
        OptionName::OnlyV6 => SocketOption::OnlyV6(socket.only_v6()?),
        OptionName::HopLimit if is_v6(socket)? => {
            SocketOption::HopLimit(small(socket.unicast_hops_v6()?))
        }
        OptionName::HopLimit => SocketOption::HopLimit(small(socket.ttl_v4()?)),
        OptionName::TrafficClass if is_v6(socket)? => {
            SocketOption::TrafficClass(small(sys::traffic_class_v6(socket)?))
        }
        OptionName::TrafficClass => SocketOption::TrafficClass(small(socket.tos_v4()?)),
        OptionName::Broadcast => SocketOption::Broadcast(socket.broadcast()?),
        OptionName::MulticastLoop if is_v6(socket)? => {
            SocketOption::MulticastLoop(socket.multicast_loop_v6()?)
        }
        OptionName::MulticastLoop => SocketOption::MulticastLoop(socket.multicast_loop_v4()?),
        OptionName::MulticastHops if is_v6(socket)? => {
            SocketOption::MulticastHops(small(socket.multicast_hops_v6()?))
        }
        OptionName::MulticastHops => SocketOption::MulticastHops(small(socket.multicast_ttl_v4()?)),
        OptionName::MulticastInterfaceV4 => {
            SocketOption::MulticastInterfaceV4(socket.multicast_if_v4()?)
        }
        OptionName::MulticastInterfaceV6 => {
            SocketOption::MulticastInterfaceV6(socket.multicast_if_v6()?)
        }
        OptionName::SegmentSize => SocketOption::SegmentSize(sys::segment_size(socket)?),
        OptionName::Error => {
            SocketOption::Error(socket.take_error()?.and_then(|error| error.raw_os_error()))
        }
        OptionName::PeerCredentials => {
            SocketOption::PeerCredentials(sys::peer_credentials(socket)?)
        }
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

/// What fits eight bits in the packet.
fn small(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

fn is_v6(socket: &Socket) -> io::Result<bool> {
    Ok(socket.local_addr()?.domain() == Domain::IPV6)
}
