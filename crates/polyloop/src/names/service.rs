use std::fmt;

/// The port of a lookup: a number, or a name that the system knows, such as `https`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Service {
    /// A port's number.
    Port(u16),
    /// A service's name.
    Name(String),
}

impl Service {
    /// Gives the port, if it needs no lookup: also one that is written as text.
    pub fn port(&self) -> Option<u16> {
        match self {
            Service::Port(port) => Some(*port),
            Service::Name(name) => name.parse().ok(),
        }
    }
}

impl From<u16> for Service {
    fn from(port: u16) -> Service {
        Service::Port(port)
    }
}

impl From<&str> for Service {
    fn from(name: &str) -> Service {
        Service::Name(name.to_owned())
    }
}

impl From<String> for Service {
    fn from(name: String) -> Service {
        Service::Name(name)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Service::Port(port) => port.fmt(f),
            Service::Name(name) => name.fmt(f),
        }
    }
}
