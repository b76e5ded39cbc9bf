use std::fmt;
use std::net::SocketAddr;

use polyloop_core::{Error, ErrorKind};

/// Why a host could not be connected to: the error of each address that was tried, or of the
/// lookup.
///
/// It converts to an [`Error`] that says all of it, and has the kind and errno that the attempts
/// agree on, else those of the first.
#[derive(Debug)]
pub struct DialError {
    what: String,
    lookup: Option<Error>,
    attempts: Vec<(SocketAddr, Error)>,
}

impl DialError {
    /// Makes the error of what failed before any address was tried.
    pub(super) fn before(what: String, error: Error) -> DialError {
        DialError { what, lookup: Some(error), attempts: Vec::new() }
    }

    pub(super) fn of(what: String, attempts: Vec<(SocketAddr, Error)>) -> DialError {
        DialError { what, lookup: None, attempts }
    }

    /// Gives each address that was tried with its error, in the order of the attempts; none if it
    /// failed before.
    pub fn attempts(&self) -> &[(SocketAddr, Error)] {
        &self.attempts
    }

    /// Gives what failed before any address was tried: the lookup, mostly.
    pub fn lookup_error(&self) -> Option<&Error> {
        self.lookup.as_ref()
    }

    /// Gives the kind of the failure: that of the lookup, else of the first attempt.
    pub fn kind(&self) -> ErrorKind {
        let first = self.lookup.as_ref().or(self.attempts.first().map(|(_, error)| error));
        first.map_or(ErrorKind::InvalidInput, Error::kind)
    }

    /// Tells whether it was a name, not this address, that was to be connected to.
    fn is_named(&self, address: SocketAddr) -> bool {
        self.what != address.to_string()
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = &self.lookup {
            return write!(f, "connect to {}: {error}", self.what);
        }
        if let [(address, error)] = &self.attempts[..] {
            return match self.is_named(*address) {
                true => write!(f, "connect to {}: {error}", self.what),
                // The attempt's own error says where to.
                false => error.fmt(f),
            };
        }
        write!(f, "connect to {}, each of {} addresses", self.what, self.attempts.len())?;
        for (index, (_, error)) in self.attempts.iter().enumerate() {
            write!(f, "{} {error}", if index == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl std::error::Error for DialError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let first = self.lookup.as_ref().or(self.attempts.first().map(|(_, error)| error));
        first.map(|error| error as _)
    }
}

impl From<DialError> for Error {
    fn from(mut error: DialError) -> Error {
        let what = format!("connect to {}", error.what);
        if let Some(lookup) = error.lookup.take() {
            return lookup.attempting(what);
        }
        if error.attempts.len() == 1
            && let Some((address, only)) = error.attempts.pop()
        {
            return if error.is_named(address) { only.attempting(what) } else { only };
        }
        let kind = error.kind();
        let first = error.attempts.first().and_then(|(_, error)| error.raw_os_error());
        let agreed = first.filter(|first| {
            error.attempts.iter().all(|(_, error)| error.raw_os_error() == Some(*first))
        });
        match agreed {
            Some(errno) => Error::from_errno(errno).attempting(error),
            None => Error::new(kind).attempting(error),
        }
    }
}

impl From<DialError> for std::io::Error {
    fn from(error: DialError) -> std::io::Error {
        Error::from(error).into()
    }
}
