use std::fmt;
use std::io;

use polyloop_core::{Error, ErrorKind};

/// The stream ended before what was asked for had come: asyncio's `IncompleteReadError`.
///
/// What had come is in here, and no longer in the stream.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncompleteReadError {
    /// The bytes that had come.
    pub partial: Vec<u8>,
    /// How many were asked for; nothing if a separator was.
    pub expected: Option<usize>,
}

/// No separator came within the limit: asyncio's `LimitOverrunError`.
///
/// What was looked at is still in the stream, except after a line that was too long.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LimitOverrunError {
    /// How many bytes were looked at and are no part of a separator: reading that many makes
    /// progress.
    pub consumed: usize,
    /// Whether a separator follows them.
    pub found: bool,
}

/// Why bytes that were asked for by their number or by a separator did not come.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The stream ended before.
    Incomplete(IncompleteReadError),
    /// No separator came within the limit.
    LimitOverrun(LimitOverrunError),
    /// The stream failed. What had come is still in it.
    Failed(Error),
}

impl IncompleteReadError {
    pub(super) fn new(partial: Vec<u8>, expected: Option<usize>) -> IncompleteReadError {
        IncompleteReadError { partial, expected }
    }
}

impl ReadError {
    /// Gives the bytes that had come before the end.
    pub fn partial(&self) -> Option<&[u8]> {
        match self {
            ReadError::Incomplete(incomplete) => Some(&incomplete.partial),
            _ => None,
        }
    }

    /// Tells whether the stream ended before.
    pub const fn is_incomplete(&self) -> bool {
        matches!(self, ReadError::Incomplete(_))
    }

    /// Tells whether no separator came within the limit.
    pub const fn is_limit_overrun(&self) -> bool {
        matches!(self, ReadError::LimitOverrun(_))
    }
}

impl fmt::Display for IncompleteReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.partial.len();
        match self.expected {
            Some(expected) => write!(f, "{count} of {expected} bytes before the end of the stream"),
            None => write!(f, "{count} bytes and no separator before the end of the stream"),
        }
    }
}

/// Without the bytes, which may be many or secret.
impl fmt::Debug for IncompleteReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IncompleteReadError({self})")
    }
}

impl fmt::Display for LimitOverrunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = if self.found { "a separator only behind them" } else { "no separator" };
        write!(f, "{} bytes exceed the limit, with {found}", self.consumed)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Incomplete(error) => error.fmt(f),
            ReadError::LimitOverrun(error) => error.fmt(f),
            ReadError::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for IncompleteReadError {}
impl std::error::Error for LimitOverrunError {}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Incomplete(error) => Some(error),
            ReadError::LimitOverrun(error) => Some(error),
            ReadError::Failed(error) => Some(error),
        }
    }
}

impl From<Error> for ReadError {
    fn from(error: Error) -> ReadError {
        ReadError::Failed(error)
    }
}

/// Keeps what was said and the kind: *unexpected end of file* or *invalid data*. The bytes that had
/// come are only in the error that it is made from.
impl From<ReadError> for Error {
    fn from(error: ReadError) -> Error {
        let kind = match &error {
            ReadError::Failed(error) => return error.clone(),
            ReadError::Incomplete(_) => io::ErrorKind::UnexpectedEof,
            ReadError::LimitOverrun(_) => io::ErrorKind::InvalidData,
        };
        Error::new(ErrorKind::Io(kind)).attempting(error)
    }
}

/// Keeps everything: the error is inside.
impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> io::Error {
        match error {
            ReadError::Failed(error) => error.into(),
            ReadError::Incomplete(error) => io::Error::new(io::ErrorKind::UnexpectedEof, error),
            ReadError::LimitOverrun(error) => io::Error::new(io::ErrorKind::InvalidData, error),
        }
    }
}
