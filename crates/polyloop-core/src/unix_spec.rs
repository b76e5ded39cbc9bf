use crate::UnixAddress;

/// A Unix stream socket to make, not yet connected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct UnixStreamSpec {
    /// The address to bind before connecting, so that the peer can tell who connects.
    pub bind: Option<UnixAddress>,
}

impl UnixStreamSpec {
    /// Makes the spec of a socket without a name.
    pub const fn unnamed() -> UnixStreamSpec {
        UnixStreamSpec { bind: None }
    }
}

/// A Unix listener to make.
///
/// A path must not exist: a socket that an ended program left there is not removed, because
/// nobody can tell whether it has ended. Closing the listener does not remove its path either.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct UnixListenSpec {
    /// The address to bind.
    pub address: UnixAddress,
    /// How many connections may wait to be accepted; the system may lower it.
    pub backlog: u32,
}

impl UnixListenSpec {
    /// Makes the spec of a listener at `address`, with the standard backlog.
    pub const fn at(address: UnixAddress) -> UnixListenSpec {
        UnixListenSpec { address, backlog: crate::limits::LISTEN_BACKLOG }
    }
}

/// A Unix datagram socket to make.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct UnixDatagramSpec {
    /// The address to bind; nobody can send to a socket without one, unless it is one of a pair.
    pub bind: Option<UnixAddress>,
    /// The only peer, if there is one.
    pub connect: Option<UnixAddress>,
}

impl UnixDatagramSpec {
    /// Makes the spec of a socket without a name and without a peer.
    pub const fn unnamed() -> UnixDatagramSpec {
        UnixDatagramSpec { bind: None, connect: None }
    }

    /// Makes the spec of a socket bound to `address`.
    pub const fn at(address: UnixAddress) -> UnixDatagramSpec {
        UnixDatagramSpec { bind: Some(address), connect: None }
    }
}

/// Which kind of sockets [`OpenSpec::SocketPair`](crate::OpenSpec::SocketPair) connects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PairKind {
    /// Streams.
    Stream,
    /// Datagram sockets.
    Datagram,
}
