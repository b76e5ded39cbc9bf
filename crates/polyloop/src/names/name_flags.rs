/// How an address is to be named: asyncio's `flags` of `getnameinfo`.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct NameFlags {
    pub(super) numeric_host: bool,
    pub(super) numeric_service: bool,
    pub(super) name_required: bool,
    pub(super) local_part: bool,
    pub(super) datagram: bool,
}

impl NameFlags {
    /// Makes flags that ask for names where there are some, else for numbers.
    pub fn new() -> NameFlags {
        NameFlags::default()
    }

    /// Makes flags that ask for numbers only, for which nothing is looked up.
    pub fn numeric() -> NameFlags {
        NameFlags::new().numeric_host(true).numeric_service(true)
    }

    /// Gives the host as a number (NI_NUMERICHOST).
    pub fn numeric_host(mut self, on: bool) -> NameFlags {
        self.numeric_host = on;
        self
    }

    /// Gives the port as a number (NI_NUMERICSERV).
    pub fn numeric_service(mut self, on: bool) -> NameFlags {
        self.numeric_service = on;
        self
    }

    /// Makes it an error if the host has no name (NI_NAMEREQD).
    pub fn name_required(mut self, on: bool) -> NameFlags {
        self.name_required = on;
        self
    }

    /// Leaves the domain out of names of this machine's own domain (NI_NOFQDN).
    pub fn local_part(mut self, on: bool) -> NameFlags {
        self.local_part = on;
        self
    }

    /// Names the service of datagrams instead of the one of streams (NI_DGRAM).
    pub fn datagram(mut self, on: bool) -> NameFlags {
        self.datagram = on;
        self
    }

    pub(super) fn is_numeric(self) -> bool {
        self.numeric_host && self.numeric_service && !self.name_required
    }
}
