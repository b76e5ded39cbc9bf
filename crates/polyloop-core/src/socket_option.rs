use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// An option of a socket, with its value.
///
/// What a system, or the kind of socket, does not have is *unsupported*, or what the system
/// answers. One that cannot be set ([`Error`](Self::Error),
/// [`PeerCredentials`](Self::PeerCredentials)) is *invalid input* to set.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SocketOption {
    /// Small writes go out at once (TCP_NODELAY).
    Nodelay(bool),
    /// Idle connections are probed after this long; `None` turns it off (SO_KEEPALIVE).
    KeepAlive(Option<Duration>),
    /// How long it is from one unanswered probe to the next (TCP_KEEPINTVL).
    KeepAliveInterval(Duration),
    /// How many unanswered probes end the connection (TCP_KEEPCNT).
    KeepAliveRetries(u32),
    /// Closing waits this long for unsent data; zero resets the connection (SO_LINGER).
    Linger(Option<Duration>),
    /// Size of the receive buffer in bytes; Linux doubles what is set.
    ReceiveBuffer(usize),
    /// Size of the send buffer in bytes; Linux doubles what is set.
    SendBuffer(usize),
    /// Whether an address whose last connections linger can be bound (SO_REUSEADDR); to have an
    /// effect it is given with the spec, because binding comes with opening.
    ReuseAddress(bool),
    /// Whether several sockets may share the port (SO_REUSEPORT); see
    /// [`ReuseAddress`](Self::ReuseAddress).
    ReusePort(bool),
    /// A version 6 socket takes no version 4 traffic (IPV6_V6ONLY); to be set before binding, so
    /// mostly to be read.
    OnlyV6(bool),
    /// Hops that a datagram or segment may take (IPv4 TTL, IPv6 unicast hops).
    HopLimit(u8),
    /// How packets are to be treated on their way (IP_TOS, IPV6_TCLASS): DSCP in the upper six
    /// bits.
    TrafficClass(u8),
    /// Datagrams may go to broadcast addresses.
    Broadcast(bool),
    /// Receive what is sent to a group, on the interface with that address;
    /// [`Ipv4Addr::UNSPECIFIED`] lets the system choose. Set only.
    JoinMulticastV4 {
        /// The group.
        group: Ipv4Addr,
        /// An address of the interface.
        interface: Ipv4Addr,
    },
    /// Ends [`JoinMulticastV4`](Self::JoinMulticastV4) of the same group and interface. Set only.
    LeaveMulticastV4 {
        /// The group.
        group: Ipv4Addr,
        /// An address of the interface.
        interface: Ipv4Addr,
    },
    /// Receive what is sent to a group, on the interface with that index; zero lets the system
    /// choose. Set only.
    JoinMulticastV6 {
        /// The group.
        group: Ipv6Addr,
        /// The index of the interface.
        interface: u32,
    },
    /// Ends [`JoinMulticastV6`](Self::JoinMulticastV6) of the same group and interface. Set only.
    LeaveMulticastV6 {
        /// The group.
        group: Ipv6Addr,
        /// The index of the interface.
        interface: u32,
    },
    /// What this machine sends to a group also comes to its own members of the group.
    ///
    /// On Unix it is the sender's option, on Windows the receiver's.
    MulticastLoop(bool),
    /// Hops that a datagram to a group may take: one stays in the local network.
    MulticastHops(u8),
    /// From which interface datagrams go to groups: that with this address.
    MulticastInterfaceV4(Ipv4Addr),
    /// From which interface datagrams go to groups: that with this index.
    MulticastInterfaceV6(u32),
    /// What one send of a datagram socket is cut into: datagrams of so many bytes, the last perhaps
    /// shorter; zero does not cut (UDP_SEGMENT, Linux since 4.18).
    SegmentSize(u16),
    /// The number of the error that waits at the socket, if one does; reading it takes it
    /// (SO_ERROR). Read only.
    Error(Option<i32>),
    /// Who is at the other end of a connected Unix socket. Read only.
    PeerCredentials(PeerCredentials),
}

/// Who is at the other end of a Unix socket: as it was when it connected, listened, or made the
/// pair.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct PeerCredentials {
    /// The process, where the system tells (Linux); zero if it is in a namespace that is not
    /// visible from here.
    pub process_id: Option<u32>,
    /// The effective user.
    pub user_id: u32,
    /// The effective group.
    pub group_id: u32,
}

impl PeerCredentials {
    /// Makes credentials.
    pub const fn new(process_id: Option<u32>, user_id: u32, group_id: u32) -> PeerCredentials {
        PeerCredentials { process_id, user_id, group_id }
    }
}

macro_rules! option_names {
    ($($name:ident),* $(,)?) => {
        /// The name of a [`SocketOption`], to ask for its value.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum OptionName {
            $(#[doc = concat!("[`SocketOption::", stringify!($name), "`].")] $name,)*
        }

        impl SocketOption {
            /// Gives the name to ask for the value by; nothing for what is only set.
            pub const fn name(&self) -> Option<OptionName> {
                match self {
                    $(SocketOption::$name(..) => Some(OptionName::$name),)*
                    _ => None,
                }
            }
        }
    };
}

option_names! {
    Nodelay, KeepAlive, KeepAliveInterval, KeepAliveRetries, Linger, ReceiveBuffer, SendBuffer,
    ReuseAddress, ReusePort, OnlyV6, HopLimit, TrafficClass, Broadcast, MulticastLoop,
    MulticastHops, MulticastInterfaceV4, MulticastInterfaceV6, SegmentSize, Error,
    PeerCredentials,
}
