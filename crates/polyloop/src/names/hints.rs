use std::net::SocketAddr;

/// A family of internet addresses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AddressFamily {
    /// Version 4.
    V4,
    /// Version 6.
    V6,
}

impl AddressFamily {
    /// Gives the family of an address.
    pub const fn of(address: &SocketAddr) -> AddressFamily {
        match address {
            SocketAddr::V4(_) => AddressFamily::V4,
            SocketAddr::V6(_) => AddressFamily::V6,
        }
    }
}

/// What kind of socket an address is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum SocketKind {
    /// A stream: TCP.
    Stream,
    /// Datagrams: UDP.
    Datagram,
    /// Raw packets.
    Raw,
}

/// Which addresses a lookup is to give: asyncio's `family`, `type`, `proto` and `flags`.
///
/// Without any hint a lookup gives each address once for each kind of socket.
///
/// # Examples
///
/// ```
/// use polyloop::{AddressFamily, AddressHints, SocketKind};
///
/// let hints = AddressHints::stream().family(AddressFamily::V4).canonical_name(true);
/// assert_eq!(hints, AddressHints::new().kind(SocketKind::Stream).family(AddressFamily::V4)
///     .canonical_name(true));
/// ```
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct AddressHints {
    pub(super) family: Option<AddressFamily>,
    pub(super) kind: Option<SocketKind>,
    pub(super) protocol: u8,
    pub(super) passive: bool,
    pub(super) canonical_name: bool,
    pub(super) numeric_host: bool,
    pub(super) numeric_service: bool,
    pub(super) v4_mapped: bool,
    pub(super) all: bool,
    pub(super) configured_only: bool,
}

impl AddressHints {
    /// Makes hints that ask for everything.
    pub fn new() -> AddressHints {
        AddressHints::default()
    }

    /// Makes hints that ask for addresses of stream sockets, which is what one connects to.
    pub fn stream() -> AddressHints {
        AddressHints::new().kind(SocketKind::Stream)
    }

    /// Asks for one family only (`family`).
    pub fn family(mut self, family: impl Into<Option<AddressFamily>>) -> AddressHints {
        self.family = family.into();
        self
    }

    /// Asks for one kind of socket only (`type`).
    pub fn kind(mut self, kind: impl Into<Option<SocketKind>>) -> AddressHints {
        self.kind = kind.into();
        self
    }

    /// Asks for one protocol only, by IANA's number, such as 6 for TCP; zero is any (`proto`).
    pub fn protocol(mut self, protocol: u8) -> AddressHints {
        self.protocol = protocol;
        self
    }

    /// Gives, where no host is named, the addresses to listen at instead of the loopback ones
    /// (AI_PASSIVE).
    pub fn passive(mut self, on: bool) -> AddressHints {
        self.passive = on;
        self
    }

    /// Asks for the host's canonical name, which the first address then has (AI_CANONNAME).
    pub fn canonical_name(mut self, on: bool) -> AddressHints {
        self.canonical_name = on;
        self
    }

    /// Refuses hosts that are not numeric (AI_NUMERICHOST).
    pub fn numeric_host(mut self, on: bool) -> AddressHints {
        self.numeric_host = on;
        self
    }

    /// Refuses services that are not a number (AI_NUMERICSERV).
    pub fn numeric_service(mut self, on: bool) -> AddressHints {
        self.numeric_service = on;
        self
    }

    /// Gives addresses of version 4 as mapped ones, where version 6 is asked for and the host has
    /// none (AI_V4MAPPED).
    pub fn v4_mapped(mut self, on: bool) -> AddressHints {
        self.v4_mapped = on;
        self
    }

    /// Gives, with [`v4_mapped`](Self::v4_mapped), those of both versions (AI_ALL).
    pub fn all(mut self, on: bool) -> AddressHints {
        self.all = on;
        self
    }

    /// Leaves out families of which this machine has no address (AI_ADDRCONFIG).
    pub fn configured_only(mut self, on: bool) -> AddressHints {
        self.configured_only = on;
        self
    }
}
